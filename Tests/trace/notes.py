"""Runs a command under the preload library and reads its notes; for tests, apart from the program's own reader."""
import os
import struct
import subprocess
import tempfile

HEADER = struct.Struct("<8sIIQQ32x")
NOTE = struct.Struct("<IBBHIiQQQII")
CALLS = {
    1: "hello", 2: "fork", 3: "object", 4: "listed", 5: "exec", 6: "spawn", 7: "load", 10: "open", 11: "list", 12: "stat",
    13: "access", 14: "readlink", 15: "realpath", 20: "rename", 21: "link", 22: "symlink", 23: "unlink", 24: "mkdir",
    25: "rmdir", 26: "special", 27: "change", 28: "temporary", 30: "chdir", 40: "variable", 41: "clock", 42: "random",
    43: "socket", 44: "terminal", 45: "host", 46: "names", 50: "unfollowed",
}


class Note:
    def __init__(self, place, fields, texts):
        (self.length, self.state, call, self.flags, self.process, self.error, self.end, self.value, self.more, one, two) = fields
        self.place = place
        self.call = CALLS.get(call, str(call))
        self.first, self.second = texts[:one], texts[one : one + two]

    def __str__(self):
        return "%d %s %s %s error=%d flags=%d value=%d more=%o" % (
            self.process, self.call, self.first.decode(errors="replace"), self.second.decode(errors="replace"),
            self.error, self.flags, self.value, self.more)


def read(data):
    magic, version, overflow, capacity, used = HEADER.unpack_from(data)
    assert magic == b"larderT\0" and version == 1
    assert not overflow and used <= capacity
    notes, place = [], HEADER.size
    while place < used:
        fields = NOTE.unpack_from(data, place)
        assert fields[0] >= NOTE.size and fields[0] % 8 == 0, place
        notes.append(Note(place, fields, data[place + NOTE.size : place + fields[0]]))
        place += fields[0]
    return notes


def traced(library, words, capacity=64 << 20, environment=None, **options):
    """The finished process and its notes."""
    environment = dict(os.environ if environment is None else environment)
    with tempfile.NamedTemporaryFile(prefix="larder-notes-") as log:
        log.truncate(capacity)
        log.write(HEADER.pack(b"larderT\0", 1, 0, capacity, HEADER.size))
        log.flush()
        preload = environment.get("LD_PRELOAD")
        environment["LD_PRELOAD"] = preload + ":" + library if preload else library
        environment["LARDER_TRACE"] = log.name
        done = subprocess.run(words, env=environment, **options)
        with open(log.name, "rb") as file:
            return done, read(file.read())


if __name__ == "__main__":
    import sys

    done, notes = traced(sys.argv[1], sys.argv[2:])
    for note in notes:
        print(note)
    sys.exit(done.returncode)
