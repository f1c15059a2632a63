"""The commands that are compared, and the directory in which they run."""
import os
import shutil

SOURCES = {
    "a.c": '#include <stdio.h>\n#include "h.h"\n#if __has_include("nope.h")\n#include "nope.h"\n#endif\nint f(void){return puts(H);}\n',
    "main.c": "int f(void);\nint main(void){return f()<0;}\n",
    "h.h": '#define H "h"\n',
    "inc/sys.h": "#define S 1\n",
    "x.cpp": "#include <map>\n#include <string>\nstd::map<std::string,int> m;\n",
    "date.c": "const char *d = __DATE__ __TIME__;\n",
    "o.m": "int g(void){return 1;}\n",
    "s.S": "#include \"h.h\"\n.text\n.globl q\nq: ret\n",
    "t.s": ".text\n.globl r\nr: ret\n.incbin \"h.h\"\n",
    "bad.c": "int x = ;\n",
    "r.rs": 'mod n;\nfn main(){println!("{}{}", include_str!("h.h"), n::N);}\n',
    "n/mod.rs": "pub const N: i32 = 1;\n",
    "l.rs": "pub fn l() -> i32 { 1 }\n",
    "w.swift": "print(1)\n",
    "p.py": "import json, mod\nprint(json.dumps(mod.M), open('h.h').read())\n",
    "mod.py": "M = [1]\n",
    "p.pl": 'use strict; open(my $f, "<", "h.h"); print <$f>; print -e "nope";\n',
    "t.sh": '#!/bin/sh\ncat h.h | tr a b > out\nfor i in *.c; do test -e "$i.nope" || echo "$i"; done\n(cd inc; ls)\n',
    "b.sh": '#!/usr/bin/env bash\nsource ./lib.sh\ncat <(cat h.h)\nwhile read -r l; do echo "$l"; done < h.h\n',
    "lib.sh": "x=1\n",
    "t.awk": 'BEGIN { while ((getline l < "h.h") > 0) print l; system("cat h.h"); "ls" | getline q; print q }\n',
    "Makefile": "prog: a.o main.o\n\tcc -o $@ $^\n%.o: %.c\n\tcc -c -MMD $<\n-include *.d nope.mk\n",
    "CMakeLists.txt": "cmake_minimum_required(VERSION 3.10)\nproject(p C)\nadd_executable(p a.c main.c)\n",
    "t.proto": 'syntax = "proto3";\nmessage M { int32 a = 1; }\n',
    "j.js": 'const fs=require("fs");console.log(fs.readFileSync("h.h","utf8"), fs.existsSync("nope"));\n',
    "rsp": "-c a.c -o rsp.o\n",
}


class Command:
    def __init__(self, *words, status=0, sample=False):
        self.words, self.status, self.sample = list(words), status, sample


def prepare(directory):
    for name, text in SOURCES.items():
        path = os.path.join(directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        if name.endswith(".sh"):
            os.chmod(path, 0o755)


def sh(line, **options):
    return Command("sh", "-c", line, **options)


def c_compilers():
    swift = os.path.dirname(os.path.realpath(shutil.which("swiftc") or "/"))
    for name in ["gcc", "gcc-11", "gcc-12", "gcc-13", "clang", "clang-13", "clang-14", "clang-15", "clang-16", "clang-19",
                 os.path.join(swift, "clang")]:
        if shutil.which(name):
            yield name, "clang" in name


def c_commands():
    common = [
        ["-c", "a.c"], ["-c", "a.c", "-o", "out.o", "-Iinc", "-Inope"], ["-O2", "-g", "-c", "a.c"], ["-S", "a.c"],
        ["-E", "a.c", "-o", "a.i"], ["-c", "a.c", "-MD"], ["-c", "a.c", "-MMD", "-MF", "d.d", "-MP"], ["-M", "a.c"],
        ["-c", "date.c"], ["-c", "s.S"], ["-c", "t.s"], ["a.c", "main.c", "-o", "prog"], ["-c", "a.c", "-include", "inc/sys.h"],
        ["-shared", "-fPIC", "a.c", "-o", "liba.so"], ["-c", "a.c", "-save-temps"], ["-c", "a.c", "-gsplit-dwarf", "-g"],
        ["-c", "a.c", "--coverage"], ["@rsp"], ["-c", "-x", "c++", "x.cpp"], ["-fsyntax-only", "a.c"], ["-c", "a.c", "-pipe"],
        ["-x", "c-header", "h.h", "-o", "h.h.pch"], ["-v", "-c", "a.c"], ["-print-search-dirs"], ["-flto", "-c", "a.c"],
        ["-static", "main.c", "a.c", "-o", "static"], ["-c", "a.c", "-isystem", "inc", "-idirafter", "inc"],
    ]
    for name, is_clang in c_compilers():
        for index, words in enumerate(common):
            sampled = (name in ("gcc", "clang")) and index in (0, 5, 9, 11, 17)
            yield Command(name, *words, sample=sampled)
        yield Command(name, "-c", "bad.c", status=1, sample=name == "gcc")
        yield Command(name, "-c", "nope.c", status=1)
        if is_clang:
            yield Command(name, "-c", "a.c", "--serialize-diagnostics", "a.dia")
            yield Command(name, "-c", "a.c", "-fno-integrated-as")
            yield Command(name, "-c", "a.c", "-fsave-optimization-record", "-O2")
        else:
            yield Command(name, "-c", "a.c", "-fstack-usage")
            yield Command(name, "-c", "a.c", "-fcallgraph-info")
            yield Command(name, "-c", "a.c", "-Wa,-adhln=a.lst")
            yield Command(name, "-c", "a.c", "-B", "inc")
    for linker in ("bfd", "gold", "lld"):
        if shutil.which("ld." + linker):
            yield sh("gcc -c a.c main.c && gcc -fuse-ld=%s a.o main.o -o p" % linker, sample=linker == "bfd")
            yield sh("clang -c a.c main.c && clang -fuse-ld=%s a.o main.o -o p && ./p" % linker)
    for name in ("g++", "clang++"):
        yield Command(name, "-c", "x.cpp", sample=True)
        yield Command(name, "-c", "x.cpp", "-std=c++20", "-H")


def other_commands():
    yield sh("gcc -c a.c && ar rcs liba.a a.o && ranlib liba.a && nm liba.a && objdump -d a.o > d && strip a.o", sample=True)
    yield sh("gcc -c a.c && objcopy --only-keep-debug a.o a.dbg && readelf -a a.o > r && size a.o")
    yield sh("as t.s -o t.o && ld -r t.o -o u.o", sample=True)
    yield sh("gcc -c a.c main.c && ld.lld --version && llvm-ar rc l.a a.o" if shutil.which("llvm-ar") else "true")
    yield Command("rustc", "r.rs", sample=True)
    for words in (["--crate-type", "lib", "l.rs"], ["-O", "--crate-type=staticlib", "l.rs"], ["--emit=metadata", "--crate-type=lib", "l.rs"],
                  ["--emit=dep-info,link", "r.rs"], ["--print", "sysroot"], ["--version"], ["-g", "r.rs"]):
        yield Command("rustc", *words)
    yield Command("rustc", "nope.rs", status=1)
    yield Command("cargo", "--version")
    yield Command("swiftc", "-c", "w.swift")
    yield Command("swiftc", "-emit-module", "-parse-as-library", "-module-name", "W", "l.swift", status=1)
    yield Command("swiftc", "--version")
    yield Command("emcc", "-c", "a.c")
    yield Command("clang-tidy", "a.c", "--", "-Iinc")
    yield Command("include-what-you-use", "a.c", status=0)
    yield Command("protoc", "--cpp_out=.", "t.proto")
    yield Command("python3", "p.py", sample=True)
    yield Command("/usr/bin/python3", "p.py")
    yield Command("python3", "-c", "import os, subprocess; subprocess.run(['cat', 'h.h'], cwd='inc', stderr=-3); os.listdir('.')", sample=True)
    yield Command("python3", "-c", "import os; os.chdir('inc'); open('sys.h'); os.rename('sys.h', 'b'); os.stat('b')", sample=True)
    yield Command("python3", "-c", "import os; d=os.open('inc',0); os.open('sys.h',0,dir_fd=d); os.mkdir('q',dir_fd=d); os.listdir(d)", sample=True)
    yield Command("python3", "-c", "import tempfile; open(tempfile.mkdtemp()+'/x','w'); tempfile.NamedTemporaryFile()")
    yield Command("python3", "-c", "import shutil; shutil.copytree('inc','inc2'); shutil.rmtree('inc2')", sample=True)
    yield Command("python3", "-c", "import multiprocessing as m; p=m.Process(target=open,args=('h.h',)); p.start(); p.join()")
    yield Command("python3", "-c", "import os; os.posix_spawn('/bin/cat',['cat','h.h'],os.environ)")
    yield Command("python3", "-c", "import os; os.execvp('cat',['cat','h.h'])")
    yield Command("python3", "-c", "import ctypes; print(ctypes.CDLL(None))")
    yield Command("python3", "-c", "import sqlite3; c=sqlite3.connect('d.db'); c.execute('create table t(a)')")
    yield Command("python3", "-c", "import glob, pathlib; glob.glob('**/*'); list(pathlib.Path('.').rglob('*'))")
    yield Command("python3", "-m", "py_compile", "p.py")
    yield Command("python3", "-m", "zipfile", "-c", "z.zip", "a.c")
    yield Command("perl", "p.pl", sample=True)
    yield Command("perl", "-e", 'mkdir "q"; rename "q","w"; print `cat h.h`; system("cat h.h"); opendir(D,"."); readdir D')
    yield Command("node", "j.js")
    yield Command("./t.sh", sample=True)
    yield Command("./b.sh", sample=True)
    yield Command("bash", "-c", "shopt -s globstar; echo **/*.c; [[ -e nope ]]; exec 3<h.h; cat <&3; cd inc; pwd -P; type cat", sample=True)
    yield Command("bash", "-c", "cat h.h > o; cat o >> p; mv p q; ln -s q l; cat l; ln q hard; rm o; mkdir -p d/e; rmdir d/e; touch t; chmod 600 t", sample=True)
    yield Command("dash", "-c", "command -v nope; . ./lib.sh; echo $x; for i in *.c inc/*; do :; done")
    yield Command("sh", "-c", "cat nope", status=1)
    yield Command("awk", "-f", "t.awk", sample=True)
    yield Command("make", sample=True)
    yield Command("make", "-j2", "-C", ".", "prog")
    yield Command("make", "-n")
    yield Command("make", "nope", status=2)
    yield Command("cmake", "-S", ".", "-B", "build")
    yield Command("cmake", "-E", "copy", "a.c", "b.c", sample=True)
    for words in (["make_directory", "x/y"], ["touch", "z"], ["rename", "a.c", "c.c"], ["remove", "a.c"], ["cat", "h.h"],
                  ["compare_files", "a.c", "a.c"], ["create_symlink", "a.c", "l"], ["copy_directory", "inc", "i"], ["tar", "cf", "t.tar", "inc"],
                  ["sha256sum", "a.c"], ["env", "X=1", "cat", "h.h"]):
        yield Command("cmake", "-E", *words)
    for line in (
        "cp a.c b.c", "cp -r inc j", "cp -a inc j", "mv a.c b.c", "ln -s a.c l", "ln a.c hard", "rm a.c", "rm -r inc", "mkdir -p q/w/e",
        "touch a.c new", "chmod 600 a.c", "install -m 644 a.c q", "install -D a.c q/w", "ls -la", "ls -R", "find . -name '*.c'",
        "find . -type f -exec cat {} +", "find . -newer a.c", "sort a.c -o s", "sed -i s/H/G/ h.h", "tar cf t.tar inc && tar xf t.tar",
        "gzip -k a.c && gunzip -c a.c.gz", "xz -k a.c", "diff a.c main.c || true", "cmp a.c a.c", "head -1 a.c", "tail -1 a.c", "wc *.c",
        "grep -r H .", "grep -l nope *.c || true", "cat a.c | tee b.c", "split -l 1 a.c", "dd if=a.c of=b.c", "truncate -s 3 a.c", "readlink -f a.c",
        "realpath a.c", "stat a.c", "test -e nope || true", "du -s .", "md5sum *.c", "xargs cat < rsp || true", "env -i /bin/cat h.h",
        "env -i sh -c 'cat h.h'", "nice cat h.h", "timeout 10 cat h.h", "nohup cat h.h", "mktemp -d ./XXXXXX", "mktemp", "mkfifo f", "date > d",
        "git --version", "git init q", "bison --version || true", "python3 -c 'import mod'; python3 -c 'import mod'",
        "(cat h.h | (cd inc && cat sys.h)) > o", "exec cat h.h", "ls nope || true", "cat /nope/a || true", "rsync -a inc/ j/ || true", "id", "uname -a",
    ):
        yield sh(line)


def all_commands():
    yield from c_commands()
    yield from other_commands()
