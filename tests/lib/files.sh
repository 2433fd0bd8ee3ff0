# shellcheck shell=bash
# The files of the tree, without what is built: from git where there is a repository, else from the disk. NUL between.

git_files() {
    git ls-files -z --cached --others --exclude-standard 2>/dev/null ||
        find . -type f ! -path './build/*' ! -path './.git/*' -printf '%P\0'
}

# code FOLDER...: C files below these folders; a folder that is not there has none
code() {
    local folder existing=()
    for folder; do
        [ ! -d "$folder" ] || existing+=("$folder")
    done
    [ ${#existing[@]} = 0 ] || find "${existing[@]}" -name '*.[ch]' -type f -print0 | sort -z
}
