# RT's site configuration for a rig; all that differs between two rigs comes by environment.
Set($rtname, 'picket-test');
Set($Organization, 'picket-test');
Set($Timezone, 'UTC');
Set($DatabaseType, 'SQLite');
Set($DatabaseName, "$ENV{RIG_DIR}/rt.sqlite");
Set($WebDomain, '127.0.0.1');
Set($WebPort, $ENV{RIG_PORT});
Set($WebPath, '');
Set($WebBaseURL, "https://127.0.0.1:$ENV{RIG_PORT}");
Set($MailCommand, 'testfile');              # mail goes to a file, never to a mail server
Set($LogToSyslog, undef);
Set($LogToSTDERR, 'error');
Set($BcryptCost, 4);                        # RT's own 12 takes a quarter of a second for each request
$RT::VarPath = "$ENV{RIG_DIR}/var";         # a rig writes nothing outside its own folder
$RT::MasonDataDir = "$RT::VarPath/mason";
$RT::MasonSessionDir = "$RT::VarPath/session";
1;
