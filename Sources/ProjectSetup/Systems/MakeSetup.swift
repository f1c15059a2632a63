internal import Files

/// make and configure: variables on the command line.
enum MakeSetup {
    /// The file that make takes.
    static func makefile(_ project: ProjectDirectory) -> String? {
        project.first(of: "GNUmakefile", "makefile", "Makefile")
    }

    static func make(_ project: ProjectDirectory, _ tools: BuildTools) -> BuildSystem {
        let name = makefile(project) ?? "Makefile"
        var system = BuildSystem("make", "make", marks: [name])
        let makefile = Makefile(project.text(name) ?? [])
        // What make has where the makefile says nothing.
        let c = makefile.compiler("CC", fallback: tools.first(of: "cc", "gcc", "clang"))
        let cxx = makefile.compiler("CXX", fallback: tools.first(of: "g++", "c++", "clang++"))
        if let c, let cxx, !makefile.callsCompilers {
            system.commands = ["make CC=\"larder \(c)\" CXX=\"larder \(cxx)\""]
            system.notes = ["Where that misses a compiler, because a makefile names it: larder exec -- make."]
        } else {
            system.commands = ["larder exec -- make"]
            system.notes = ["\(name) names its compilers itself, so they are found in PATH instead of by CC and CXX."]
        }
        return system
    }

    static func autotools(_ project: ProjectDirectory, _ tools: BuildTools) -> BuildSystem {
        let mark = project.first(of: "configure.ac", "configure.in", "configure") ?? "configure"
        var system = BuildSystem("autotools", mark == "configure" ? "configure" : "autotools", marks: [mark])
        let (c, cxx) = (tools.first(of: "gcc", "cc", "clang"), tools.first(of: "g++", "c++", "clang++"))
        let variables = "CC=\"larder \(c)\" CXX=\"larder \(cxx)\""
        var line = "./configure \(variables)"
        if let script = project.text("configure") {
            // One that somebody wrote by hand takes variables from the environment, or has options for them.
            if !ByteSearch.contains(script, "Autoconf") {
                line =
                    ByteSearch.contains(script, "--cc=")
                    ? "./configure --cc=\"larder \(c)\" --cxx=\"larder \(cxx)\"" : "\(variables) ./configure"
            }
        } else {
            let first = project.first(of: "autogen.sh", "bootstrap").map { "./\($0)" } ?? "autoreconf -fi"
            line = "\(first) && \(line)"
        }
        system.commands = ["\(line) && make"]
        if project.has("config.status") {
            system.notes = ["This directory is configured already; configure it again with these variables."]
        }
        return system
    }
}

/// Ninja without what usually writes its files.
enum NinjaSetup {
    static func system(_ project: ProjectDirectory) -> BuildSystem {
        var system = BuildSystem("ninja", "Ninja", marks: ["build.ninja"])
        if project.has("args.gn") {
            system.commands = ["echo 'cc_wrapper = \"larder\"' >> args.gn && gn gen . && ninja"]
            system.notes = ["For projects whose GN configuration has cc_wrapper, as Chromium's has."]
            return system
        }
        if project.hasDirectory("meson-private") {
            system.commands = ["larder init DIRECTORY_OF_THE_SOURCES"]
            system.notes = ["This is a build directory of Meson, which takes its compilers only when it is set up."]
            return system
        }
        system.commands = ["larder exec -- ninja"]
        let text = project.text("build.ninja") ?? []
        if ["= /usr/bin/", "/bin/gcc", "/bin/g++", "/bin/cc", "/bin/c++", "/bin/clang"].contains(where: { mark in
            String(decoding: text, as: UTF8.self).contains(mark)
        }) {
            system.notes = [
                "build.ninja names compilers by their whole path, which PATH does not change; "
                    + "have what writes it put larder before them."
            ]
        }
        return system
    }
}

/// The Linux kernel and what is built like it.
enum KernelSetup {
    static func system(_ project: ProjectDirectory) -> BuildSystem {
        var system = BuildSystem("kernel", "Linux kernel", marks: ["Makefile", "Kbuild", "Kconfig", "arch/"])
        system.commands = [
            "make CC=\"larder gcc\" HOSTCC=\"larder gcc\"",
            "make LLVM=1 CC=\"larder clang\" HOSTCC=\"larder clang\"",
        ]
        system.notes = [
            "Cross-compiling, name the whole compiler: CC=\"larder ${CROSS_COMPILE}gcc\".",
            "Give the same variables to each call of make, or configuration starts anew.",
        ]
        return system
    }
}

/// Build systems that compile for other machines and have a place of their own for a launcher.
enum EmbeddedSetup {
    static func espIDF(_ marks: [String]) -> BuildSystem {
        var system = BuildSystem("esp-idf", "ESP-IDF", marks: marks)
        system.commands = ["CMAKE_C_COMPILER_LAUNCHER=larder CMAKE_CXX_COMPILER_LAUNCHER=larder idf.py build"]
        system.notes = [
            "CMake reads the variables when it configures: run `idf.py fullclean` first where there is a build directory. "
                + "The bootloader and other projects within the build get them, too.",
            "With a link called ccache that leads to larder, early in PATH, IDF_CCACHE_ENABLE=1 does the same; not both.",
        ]
        return system
    }

    static func yocto(_ project: ProjectDirectory, _ marks: [String]) -> BuildSystem {
        var system = BuildSystem("yocto", "Yocto", marks: marks)
        let file = project.has("conf/local.conf") ? "conf/local.conf" : "conf/local.conf of the build directory"
        system.commands = [
            "HOSTTOOLS += \"larder\"", "CCACHE = \"larder \"",
            "export LARDER_DIR = \"${TOPDIR}/larder\"", "export LARDER_DAEMON = \"off\"",
            "BB_BASEHASH_IGNORE_VARS += \"LARDER_DIR LARDER_DAEMON\"",
        ]
        system.notes = [
            "These lines are for \(file); before Yocto 4.0 the last variable is BB_HASHBASE_WHITELIST.",
            "Without INHERIT += \"ccache\", which builds a ccache of its own for each recipe.",
        ]
        return system
    }
}
