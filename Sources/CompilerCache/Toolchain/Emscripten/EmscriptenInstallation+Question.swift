extension EmscriptenInstallation {
    /// A program in python that loads emcc without running it and writes paths, a letter before and a NUL behind each:
    /// `e` python, `c` a driver of clang, `f` a file that was read, `a` one that must not appear.
    ///
    /// It fails, and nothing is cached, where emcc would do more than compile: where its system root is not
    /// complete, where its check of itself is due, where another program is to run clang. So it does where the settings, a
    /// program themselves, ask for variables that are in no key, or look for something that no list has.
    static let question: StaticString = """
        import sys, os
        heard = []
        def hear(event, arguments):
            if event == 'open' and isinstance(arguments[2], int) and not arguments[2] & 3:
                heard.append(arguments[0])
        sys.addaudithook(hear)
        script = sys.argv[1]
        root = os.path.dirname(script)
        isConfigured = 'EM_CONFIG' in os.environ
        sys.argv = [script, '-c', 'a.c']
        sys.path[0] = root
        import emcc, re
        from tools import config, shared
        if config.COMPILER_WRAPPER:
            sys.exit(3)
        cache = os.path.abspath(config.CACHE)
        stamp = os.path.join(cache, 'sysroot_install.stamp')
        if not os.path.isfile(stamp):
            sys.exit(4)
        if not config.FROZEN_CACHE and os.environ.get('EMCC_SKIP_SANITY_CHECK') != '1':
            with open(os.path.join(cache, 'sanity.txt')) as sanity:
                if sanity.read() != shared.generate_sanity():
                    sys.exit(5)
        with open(config.EM_CONFIG) as file:
            text = re.sub(r'(?m)^\\s*#.*$', '', file.read())
        asked = re.findall(r'(?:getenv|environ(?:\\s*\\.\\s*get)?)\\s*[\\[(]\\s*[\\'\\"](\\w+)', text)
        if len(asked) != len(re.findall(r'\\b(?:getenv|environ)\\b', text)) or not all(name[:2] == 'EM' for name in asked):
            sys.exit(6)
        looks = ('exists|isfile|isdir|islink|ismount|samefile|access|l?stat|getmtime|getsize|listdir|scandir|walk|glob|which|readlink'
            '|realpath|resolve|iterdir|getcwd|cwd|system|popen|subprocess|platform|uname|time|random|getpid|getuid|exec|eval|__import__')
        if re.search(r'\\b(?:' + looks + r')\\b', text) or re.search(r'(?m)^\\s*(?:import|from)\\s+(?!os\\b)', text):
            sys.exit(7)
        out = []
        def say(letter, path):
            out.append(letter + os.fsencode(os.path.abspath(path)) + b'\\0')
        say(b'e', sys.executable)
        for name in ('CLANG_CC', 'CLANG_CXX'):
            say(b'c', getattr(shared, name))
        files = [getattr(module, '__file__', None) for module in list(sys.modules.values())]
        for folder in ('tools', os.path.join('tools', 'ports')):
            folder = os.path.join(root, folder)
            files += [os.path.join(folder, name) for name in os.listdir(folder) if name.endswith('.py')]
        files += [name for name in heard if isinstance(name, str) and not name.endswith('.pyc')]
        files += [stamp, os.path.join(sys.prefix, 'pyvenv.cfg'), os.path.join(root, 'emcc.py')]
        for name in sorted({os.path.abspath(name) for name in files if name and os.path.isfile(name)}):
            if not name.startswith('/proc/'):
                say(b'f', name)
        if not isConfigured:
            for folder in (root, os.path.dirname(os.path.dirname(root)), os.path.expanduser('~')):
                name = os.path.join(folder, '.emscripten')
                if os.path.exists(name):
                    break
                say(b'a', name)
        searched = [entry for entry in sys.path if os.path.isdir(entry)]
        for entry in sys.path:
            if entry not in searched:
                say(b'a', entry)
        loaded = {name.split('.')[0] for name, module in list(sys.modules.items()) if getattr(module, '__file__', None)}
        for name in sorted(loaded | {'sitecustomize', 'usercustomize'}):
            for entry in searched:
                path = os.path.join(entry, name)
                found = [file for file in os.listdir(entry) if file == name or file.startswith(name + '.')]
                if found:
                    break
                for suffix in ('', '.py', '.so'):
                    say(b'a', path + suffix)
        sys.stdout.buffer.write(b''.join(out))
        """
}
