internal import Glibc

/// How to open a file that is only read.
package let openForReading: Int32 = O_RDONLY

/// How to open a file that is written and need not exist.
package let openForWriting: Int32 = O_WRONLY | O_CREAT | O_TRUNC
