#!/usr/bin/perl
# Makes what a ticket connector needs inside an RT database, and changes rights later.
#
#   rt_setup.pl init QUEUE FIELD               print the facts (ids, tokens) as JSON
#   rt_setup.pl serve                          read lines "grant|revoke QUEUE RIGHT...", for the connector's user
#
# RT's REST interface cannot give rights, so this talks to RT's own classes. Which database is meant
# comes from RT_SITE_CONFIG, as for RT's own programs.
use strict;
use warnings;
use lib '/usr/share/request-tracker5/lib';
use JSON ();
use RT -init;

# What a monitoring connector needs and no more, all on one queue. ShowTicketComments lets it see that a human wrote.
my @QUEUE_RIGHTS = qw(SeeQueue ShowTicket CreateTicket ModifyTicket CommentOnTicket ReplyToTicket OwnTicket
                      ShowTicketComments SeeCustomField ModifyCustomField);

sub must {
    my ($ok, $msg) = @_;
    die(($msg // 'failed') . "\n") unless $ok;
    return $ok;
}

sub make_user {
    my ($name, $password) = @_;
    my $user = RT::User->new(RT->SystemUser);
    must($user->Create(Name => $name, Password => $password, EmailAddress => "$name\@localhost", Privileged => 1));
    return $user;
}

sub token_of {
    my $user = shift;
    my $token = RT::AuthToken->new(RT->SystemUser);
    my ($ok, $msg, $text) = $token->Create(Owner => $user->Id, Description => 'test rig');
    must($ok, $msg);
    return $text;
}

sub load_queue {
    my $queue = RT::Queue->new(RT->SystemUser);
    must($queue->Load(shift), 'no such queue');
    return $queue;
}

sub change_rights {
    my ($method, $user, $queue, @rights) = @_;
    must($user->PrincipalObj->$method(Right => $_, Object => $queue)) for @rights;
}

sub init {
    my ($queue_name, $field_name) = @_;
    my $queue = RT::Queue->new(RT->SystemUser);
    must($queue->Create(Name => $queue_name));
    my $hidden = RT::Queue->new(RT->SystemUser);
    must($hidden->Create(Name => 'Hidden'));

    my $field = RT::CustomField->new(RT->SystemUser);
    must($field->Create(Name => $field_name, Type => 'FreeformSingle', LookupType => 'RT::Queue-RT::Ticket'));
    must($field->AddToObject($queue));

    my $connector = make_user('picket', 'connector-secret');
    my $human = make_user('technician', 'human-secret');
    my $nobody = make_user('norights', 'norights-secret');
    change_rights('GrantRight', $_, $queue, @QUEUE_RIGHTS) for $connector, $human;

    my $root = RT::User->new(RT->SystemUser);
    must($root->Load('root'));
    my %token = map { $_->Name => token_of($_) } $root, $connector, $human, $nobody;
    print JSON->new->canonical->encode({
        queue => $queue_name, queue_id => $queue->Id + 0,
        field => $field_name, field_id => $field->Id + 0,
        tokens => \%token,
        passwords => { picket => 'connector-secret', technician => 'human-secret', norights => 'norights-secret' },
    }), "\n";
}

sub change {
    my ($verb, $queue, @rights) = @_;
    my $method = { grant => 'GrantRight', revoke => 'RevokeRight' }->{$verb} or die "no such order: $verb\n";
    my $user = RT::User->new(RT->SystemUser);
    must($user->Load('picket'), 'no connector user');
    change_rights($method, $user, load_queue($queue), @rights);
}

# One answer for each line: compiling RT takes seconds, a change none.
sub serve {
    $| = 1;
    while (my $line = <STDIN>) {
        print eval { change(split ' ', $line); 1 } ? "done\n" : "failed: $@\n";
    }
}

my $verb = shift @ARGV // '';
if ($verb eq 'init') {
    init(@ARGV);
} elsif ($verb eq 'serve') {
    serve();
} else {
    die "usage: rt_setup.pl init QUEUE FIELD | serve\n";
}
