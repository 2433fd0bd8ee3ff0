# shellcheck shell=bash disable=SC2154     # top, out, results, level, seed, stage: of tests/run
# The stages of tests/run. Each appends its cases to $results, one line a case: outcome, suite, name, reason.

# stage, the level from which on it runs, what it is
stage_table() {
    cat <<'END'
layout    quick   the tree's order
unit      quick   unit and contract tests under ASan and UBSan
e2e       quick   end-to-end tests against the agent under ASan and UBSan
release   quick   what is shipped: size, static, made twice the same
lint      all     cppcheck
tsan      all     unit tests under TSan
windows   all     the portable part built for Windows, its unit tests under Wine
arm64     nightly the release for arm64, its unit tests under qemu-user, its packages
slow      all     end-to-end tests that take long: real ticket system, vendors' descriptions, systemd, kills
fuzz      all     each fuzz target for a while
bench     all     weight, beside peers
END
}

stages_of() {
    stage_table | awk -v level="$1" 'BEGIN { rank["quick"] = 1; rank["all"] = 2; rank["nightly"] = 3 }
        rank[$2] <= rank[level] { print $1 }'
}

record() { printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "${4:-}" >>"$results"; }

run_stage() {
    local began=$SECONDS
    say ""
    say "== $1: $(stage_table | sed -n "s/^$1  *[a-z]*  *//p")"
    "stage_$1"
    say "   ($((SECONDS - began)) s)"
}

# --- names for --only ---

# kind and NAME of everything that can be run alone
names() {
    stage_table | awk '{ print "stage", $1 }'
    tests/layout --list | sed 's/^/layout /'
    find tests/unit -name 'test_*.c' -printf 'unit %f\n' | sed 's/\.c$//' | sort
    find tests/e2e -name 'test_*.py' -printf 'e2e %f\n' | sed 's/\.py$//' | sort
    find tests/fuzz -name 'fuzz_*.c' -printf 'fuzz %f\n' | sed 's/\.c$//' | sort
}

list_names() { names | awk '{ printf "%-8s%s\n", $1, $2 }'; }

only_layout=() only_unit=() only_e2e=() only_fuzz=()

# choose NAME: adds what is called so, with or without test_ or fuzz_, to chosen and to the lists above
choose() {
    local kind name found=1
    while read -r kind name; do
        [[ $name = "$1" || $name = "test_$1" || $name = "fuzz_$1" ]] || continue
        found=0
        case $kind in
        stage)  add_stage "$name"; continue ;;
        layout) only_layout+=("$name") ;;
        unit)   only_unit+=("$name") ;;
        e2e)    only_e2e+=("$name.py"); ;;
        fuzz)   only_fuzz+=("$name") ;;
        esac
        add_stage "$kind"
    done < <(names)
    return $found
}

add_stage() {
    case " ${chosen[*]-} " in
    *" $1 "*) ;;
    *) chosen+=("$1") ;;
    esac
}

# --- what the machine must have ---

packages_for() {
    local stage
    echo python3
    for stage; do
        case $stage in
        layout)     echo shellcheck python3-jsonschema ;;
        unit | tsan) echo gcc libc6-dev make cmake ninja-build libcmocka-dev ;;
        e2e | slow) echo gcc libc6-dev make cmake ninja-build libcmocka-dev python3-pytest openssl tzdata iproute2 ;;
        release)    echo gcc libc6-dev make cmake ninja-build musl-tools file groff-base python3-pytest openssl ;;
        windows)    echo gcc libc6-dev make cmake ninja-build gcc-mingw-w64-x86-64-win32 wine wine64 ;;
        arm64)      echo gcc libc6-dev make cmake ninja-build gcc-aarch64-linux-gnu linux-libc-dev-arm64-cross qemu-user rpm \
                        xz-utils file ;;
        lint)       echo cppcheck ;;
        fuzz)       echo clang libclang-rt-14-dev cmake ninja-build ;;
        bench)      echo gcc libc6-dev cmake ninja-build musl-tools ;;
        esac
    done | tr ' ' '\n' | sort -u
}

# --- building ---

built=' '

# build PRESET: once; a preset that does not build is one failed case
build() {
    local began=$SECONDS
    case $built in
    *" $1 "*) return 0 ;;
    *" -$1 "*) return 1 ;;
    esac
    say "   building $1"
    if cmake --preset "$1" >"$out/build-$1.log" && cmake --build --preset "$1" >>"$out/build-$1.log" 2>&1; then
        built+="$1 "
        say "   built $1 ($((SECONDS - began)) s)"
    else
        built+="-$1 "
        grep -nE 'error|FAILED|undefined|Error' "$out/build-$1.log" | head -n 20 >&2
        record failed build "$1" "did not build, see build/test-results/build-$1.log"
        return 1
    fi
}

# --- the stages ---

stage_layout() { tests/layout --results "$results" ${only_layout[@]+"${only_layout[@]}"} >&2; }

# ctest_of PRESET SUITE [CTEST WORDS]
ctest_of() {
    local preset=$1 suite=$2 report=$out/$2.xml
    shift 2
    build "$preset" || return
    ctest --preset "$preset" -j "$(nproc)" --output-junit "$report" --test-output-size-passed 1000000 \
        --test-output-size-failed 1000000 "$@" >"$out/$suite.log" 2>&1 </dev/null
    [ -s "$report" ] || { record failed "$suite" ctest "it made no report, see build/test-results/$suite.log"; return; }
    /usr/bin/python3 tests/lib/tally.py ctest "$report" "$suite" | tee -a "$results" | show_trouble
}

# Of result lines only what went wrong, and how many there were.
show_trouble() {
    awk -F '\t' '{ n[$1]++ } $1 == "failed" { print "   FAILED " $3 ": " $4 }
        END { printf "   %d passed, %d failed, %d skipped\n", n["passed"], n["failed"], n["skipped"] }' >&2
}

only_these() {
    [ ${#only_unit[@]} = 0 ] || { local IFS='|'; printf -- '-R\n^(%s)$\n' "${only_unit[*]}"; }
}

stage_unit() {
    local words
    mapfile -t words < <(only_these)
    ctest_of asan unit ${words[@]+"${words[@]}"}
}

stage_tsan() { ctest_of tsan tsan; }

stage_windows() {
    local wine=tests/lib/windows/wine
    build windows || return
    if ! $wine --begin >"$out/wine.log" 2>&1; then
        record failed windows wine "it did not start, see build/test-results/wine.log"
        return
    fi
    ctest_of windows windows
    skip_left_out windows
    find tests/unit -name 'test_linux_*.c' -printf '%f\n' | sort | while read -r name; do
        record skipped windows "${name%.c}" "reads what only Linux has"
    done
    check_that "picket.exe runs under Wine, and says what it can see" windows_program_answers
    $wine --end
}

# Figures of the machine below, and nothing made up: what Wine does not tell is said to be unsupported.
windows_program_answers() {
    local picket="tests/lib/windows/wine build/windows/picket.exe" said
    $picket version | grep -q '^picket ' || { echo "no version"; return 1; }
    $picket config check | grep -q ': good; ' || { echo "the built-in configuration is not good"; return 1; }
    said=$($picket check)
    grep -q '^ok *memory-full  *[0-9]' <<<"$said" || { echo "no memory: $said"; return 1; }
    grep -q '^[a-z]* *disk-full  *mountpoint=C:' <<<"$said" || { echo "no drive C: $said"; return 1; }
    grep -q '^[a-z]* *cpu-busy  *[0-9]' <<<"$said" || { echo "no processors: $said"; return 1; }
    not grep -q '^[a-z]* *cpu-steal' <<<"$said" || { echo "made up: $said"; return 1; }
}

# skip_left_out STAGE: says of each unit test that is not in that build why
skip_left_out() {
    grep '^test_' "tests/lib/$1/left-out" | while read -r name why; do
        record skipped "$1" "$name" "$why"
    done
}

# The preset test-arm64 builds into the folder of release-arm64: what is tried is what is packaged.
stage_arm64() {
    local program=build/release-arm64/picket command kind
    build test-arm64 || return
    (unset PICKET_ROUNDS && ctest_of test-arm64 arm64)      # a night's would take an emulator days
    skip_left_out arm64
    check_that "the program for arm64 is static and position-independent" \
        grep -q 'ARM aarch64.*static-pie linked' <(file "$program")
    for command in version config check inventory; do
        check_that "picket $command says under qemu-user what is true of this machine" \
            /usr/bin/python3 tests/lib/arm64/answers.py "$command" qemu-aarch64 "$program"
    done
    for kind in deb rpm tar; do
        check_that "build-$kind --arch arm64 packs this program, and says what it is for" "arm64_$kind" "$program"
    done
}

# says WHAT IS SHOULD
says() { [ "$2" = "$3" ] || { echo "$1 is $2, and should be $3"; return 1; }; }

arm64_deb() {
    local made
    made=$(packaging/build-deb --arch arm64 --out "$out/arm64") &&
        says Architecture "$(dpkg-deb -f "$made" Architecture)" arm64 &&
        dpkg-deb --fsys-tarfile "$made" | tar -xO ./usr/bin/picket | cmp - "$1"
}

arm64_rpm() {
    local made
    made=$(packaging/build-rpm --arch arm64 --out "$out/arm64") &&
        says ARCH "$(rpm -qp --qf '%{ARCH}' "$made")" aarch64 &&
        rpm2archive - <"$made" | tar -xzO ./usr/bin/picket | cmp - "$1"
}

arm64_tar() {
    local made
    made=$(packaging/build-tar --arch arm64 --out "$out/arm64") &&
        says "the name" "${made##*-linux-}" aarch64.tar.xz &&
        tar -xJOf "$made" "$(basename "$made" .tar.xz)/bin/picket" | cmp - "$1"
}

# pytest_of SUITE LIMIT_S WORDS...: against the sanitizers' build unless PICKET_BIN says otherwise
pytest_of() {
    local suite=$1 limit=$2 report=$out/$1.xml status
    shift 2
    (cd tests/e2e && PICKET_BUILD=$top/build/asan PICKET_BIN=${PICKET_BIN:-$top/build/asan/picket} \
        timeout --kill-after=30 "$limit" /usr/bin/python3 -m pytest -p no:cacheprovider --continue-on-collection-errors -q --tb=short --color=no -rs \
        --junitxml="$report" "$@" </dev/null 2>&1) | tee "$out/$suite.log" | sed 's/^/   /' >&2
    status=${PIPESTATUS[0]}
    [ -s "$report" ] || { record failed "$suite" pytest "it ended with $status and made no report"; return; }
    /usr/bin/python3 tests/lib/tally.py pytest "$report" "$suite" >>"$results"
}

stage_e2e() {
    if [ ${#only_e2e[@]} -gt 0 ]; then
        build_for_slow && pytest_of e2e 3h "${only_e2e[@]}"
    else
        build asan && pytest_of e2e 30m -m "not slow"
    fi
}

stage_slow() { build_for_slow && pytest_of slow "$([ "$level" = nightly ] && echo 12h || echo 45m)" -m slow; }

# What is packaged, and what is weighed, is the release.
build_for_slow() { build release && build asan; }

stage_release() {
    build release || return
    local program=build/release/picket bytes
    bytes=$(stat -c %s "$program")
    check_that "the stripped program has at most 2,000,000 bytes ($bytes)" test "$bytes" -le 2000000
    check_that "it is static and position-independent" grep -q 'static-pie linked' <(file "$program")
    check_that "it names no folder of the machine that built it" not grep -qaE "(^|[^A-Za-z0-9_./-])($top|$HOME)/" "$program"
    check_that "it runs" "$program" version
    check_that "the man pages have no mistakes" man_pages_are_well build/release/manual/*.[15]
    check_that "a package is made twice with the same bytes" packages_agree
    # the processes once more, as they are shipped: with memory checkers the courier's calls are not filtered
    PICKET_BIN=$top/$program pytest_of release-processes 10m test_processes.py
}

not() { ! "$@"; }

# groff says nothing about a page that it understands
man_pages_are_well() {
    command -v groff >/dev/null || return 77
    local page said
    for page; do
        said=$(groff -mdoc -Tutf8 -ww -z "$page" 2>&1)
        [ -z "$said" ] || { echo "$said"; return 1; }
    done
}

packages_agree() {
    local one two
    one=$(packaging/build-deb --build build/release --out "$out/one") &&
        two=$(packaging/build-deb --build build/release --out "$out/two") && cmp "$one" "$two"
}

# check_that NAME COMMAND...: one case of the stage that runs; 77 skips
check_that() {
    local name=$1 said status
    shift
    said=$("$@" 2>&1)
    status=$?
    case $status in
    0)  record passed "$stage" "$name" ;;
    77) record skipped "$stage" "$name" "a program for it is not installed" ;;
    *)  record failed "$stage" "$name" "$(tail -n 1 <<<"$said")"; say "   FAILED $name: $said" ;;
    esac
}

stage_lint() {
    # cppcheck.txt: what it gets wrong here (loops by macro, one malloc for several pieces, values set through a pointer)
    if cppcheck --enable=warning,portability --inline-suppr --quiet -j "$(nproc)" --error-exitcode=1 -I. \
        -D__linux__=1 -D__x86_64__=1 --suppressions-list=tests/lib/cppcheck.txt agent proto platform \
        >"$out/cppcheck.log" 2>&1; then
        record passed lint cppcheck
    else
        cat "$out/cppcheck.log" >&2
        record failed lint cppcheck "see build/test-results/cppcheck.log"
    fi
}

stage_fuzz() {
    local target
    build fuzz || return
    say "   $fuzz_seconds s each, $(nproc) at a time"
    for target in build/fuzz/fuzz/fuzz_*; do
        [ -x "$target" ] || continue
        [ ${#only_fuzz[@]} = 0 ] || [[ " ${only_fuzz[*]} " == *" ${target##*/} "* ]] || continue
        while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do
            wait -n
        done
        fuzz_one "$target" "${target##*/}" &
    done
    wait
}

fuzz_one() {
    local program=$1 name=$2 corpus=$top/build/fuzz-corpus/$2 log=$out/$2.log seeds
    mkdir -p "$corpus"
    seeds=tests/fuzz/seeds/${name#fuzz_}
    [ -d "$seeds" ] || seeds=
    # shellcheck disable=SC2086     # none, or one folder without blanks
    if "$program" -max_total_time="$fuzz_seconds" -seed="$((seed % 1000000000 + 1))" -timeout=20 -print_final_stats=1 \
        -artifact_prefix="$out/$name-" "$corpus" $seeds >"$log" 2>&1 </dev/null; then
        say "   $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") runs"
        record passed fuzz "$name"
    else
        tail -n 30 "$log" >&2
        record failed fuzz "$name" "$(grep -m 1 -E 'ERROR|SUMMARY' "$log")"
    fi
}

stage_bench() {
    build release || return
    local report=$out/bench.json
    # shellcheck disable=SC2046     # one word or none
    PICKET_BIN=$top/build/release/picket tests/bench/run --json "$report" $([ "$level" != nightly ] || echo --nightly) </dev/null 2>&1 |
        tee "$out/bench.log" | sed 's/^/   /' >&2
    [ -s "$report" ] || { record failed bench weight "it made no report, see build/test-results/bench.log"; return; }
    /usr/bin/python3 tests/lib/tally.py bench "$report" bench >>"$results"
}
