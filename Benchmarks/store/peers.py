"""One process of the benchmark for diskcache or lmdb; hears and answers what Order.swift describes.

    peers.py DIRECTORY diskcache|lmdb|lmdb+crc32
"""

import os
import statistics
import sys
import time
import zlib

KEYS = [f"key-{number}".encode() for number in range(10)]


class DiskCache:
    """Flushed: SQLite flushes each transaction. Values above 32 KiB are files of their own, which it never flushes."""

    def __init__(self, directory, flushed):
        import diskcache

        self.cache = diskcache.Cache(directory, size_limit=1 << 40, sqlite_synchronous=2 if flushed else 1)

    def get(self, key):
        return self.cache.get(key)

    def put(self, key, value):
        self.cache.set(key, value)
        return True

    def close(self):
        self.cache.close()


class Lmdb:
    def __init__(self, directory, flushed):
        import lmdb

        self.environment = lmdb.open(directory, map_size=4 << 30, sync=flushed, metasync=flushed, max_readers=64)

    def get(self, key):
        with self.environment.begin() as transaction:
            return transaction.get(key)

    def put(self, key, value):
        with self.environment.begin(write=True) as transaction:
            return transaction.put(key, value)

    def close(self):
        self.environment.close()


class CheckedLmdb(Lmdb):
    """With the cheapest checksum of Python's library behind each value."""

    def get(self, key):
        value = super().get(key)
        if zlib.crc32(memoryview(value)[:-4]) != int.from_bytes(value[-4:], "little"):
            sys.exit("a value is damaged")
        return value

    def put(self, key, value):
        return super().put(key, value[:-4] + zlib.crc32(value[:-4]).to_bytes(4, "little"))


ENGINES = {"diskcache": DiskCache, "lmdb": Lmdb, "lmdb+crc32": CheckedLmdb}


def measure(operation, start, seconds):
    now, times = time.monotonic_ns, []
    for key in KEYS if start == 0 else ():
        operation(key)
    while now() < start:
        pass
    before = now()
    end = start + int(seconds * 1e9)
    while not times or before < end:
        operation(KEYS[len(times) % 10])
        after = now()
        times.append(after - before)
        before = after
    return f"{len(times)} {before - start} {statistics.median_low(times)}"


def main(directory, engine):
    print("ready", flush=True)
    opened, values = {}, {}
    for line in sys.stdin:
        action, size, start, seconds = line.split()
        size, flushed = int(size), action == "put-flushed"
        if (size, flushed) not in opened:
            # One environment of a process at a time, and one directory a size, as the keys are the same.
            for other in opened.values():
                other.close()
            opened = {(size, flushed): ENGINES[engine](f"{directory}-{size}", flushed)}
        cache = opened[size, flushed]
        if action == "get":
            answer = measure(cache.get, int(start), float(seconds))
            if len(cache.get(KEYS[0])) != size:
                sys.exit("a value has another length")
        else:
            if size not in values:
                values[size] = os.urandom(size)
            value = values[size]
            for key in KEYS if action == "fill" else ():
                cache.put(key, value)
            if action == "fill":
                answer = "1 0 0"
            else:
                answer = measure(lambda key: cache.put(key, value), int(start), float(seconds))
        print(answer, flush=True)


main(*sys.argv[1:])
