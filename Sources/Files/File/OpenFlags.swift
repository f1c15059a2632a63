internal import Glibc

/// How to open a file that is only read; a FIFO in its place does not hold us up.
package let openForReading: Int32 = O_RDONLY | O_NONBLOCK | O_NOCTTY

/// How to open a file that is written and need not exist.
package let openForWriting: Int32 = O_WRONLY | O_CREAT | O_TRUNC
