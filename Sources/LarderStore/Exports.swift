// What the public interface speaks of: whoever imports LarderStore can name a path, a durability and a failed
// system call without knowing where they come from.
@_exported public import enum Files.Durability
@_exported public import struct Files.Path
@_exported public import struct Files.SystemError
