internal import CZstd

/// zstd, with its own checksum always on and every size known beforehand.
package enum Zstd {
    /// Decodes to exactly `length` bytes; nil when the input is damaged or says anything else.
    package static func decode(_ input: UnsafeRawBufferPointer, length: Int) -> [UInt8]? {
        guard ZSTD_getFrameContentSize(input.baseAddress, input.count) == UInt64(length) else { return nil }
        var isWhole = false
        let output = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            let result = ZSTD_decompress(buffer.baseAddress, length, input.baseAddress, input.count)
            isWhole = ZSTD_isError(result) == 0 && result == length
            count = isWhole ? length : 0
        }
        return isWhole ? output : nil
    }

    /// Encodes in one go; nil when memory is short.
    package static func encode(_ input: UnsafeRawBufferPointer, level: Int32) -> [UInt8]? {
        guard let encoder = Encoder(level: level, length: input.count) else { return nil }
        return encoder.encodeAll(input)
    }

    /// An encoder of one frame, and the owner of its context.
    struct Encoder: ~Copyable {
        private let context: OpaquePointer

        /// For `length` bytes in all.
        init?(level: Int32, length: Int) {
            guard let context = ZSTD_createCCtx() else { return nil }
            self.context = context
            // None of these can fail with these values; a frame that lacked one would be found when read.
            _ = ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, min(max(level, 1), 19))
            _ = ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
            _ = ZSTD_CCtx_setPledgedSrcSize(context, UInt64(length))
        }

        func encodeAll(_ input: UnsafeRawBufferPointer) -> [UInt8]? {
            let bound = ZSTD_compressBound(input.count)
            var isWhole = false
            let output = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
                let result = ZSTD_compress2(context, buffer.baseAddress, bound, input.baseAddress, input.count)
                isWhole = ZSTD_isError(result) == 0
                count = isWhole ? result : 0
            }
            return isWhole ? output : nil
        }

        /// Encodes the next bytes into `output` and hands what is ready to `sink`; false when that failed.
        ///
        /// A failure of the sink passes through.
        func encode<E: Error>(
            _ input: UnsafeRawBufferPointer,
            isLast: Bool,
            through output: UnsafeMutableRawBufferPointer,
            sink: (UnsafeRawBufferPointer) throws(E) -> Void
        ) throws(E) -> Bool {
            var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
            while true {
                var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
                let rest = ZSTD_compressStream2(context, &target, &source, isLast ? ZSTD_e_end : ZSTD_e_continue)
                guard ZSTD_isError(rest) == 0 else { return false }
                if target.pos > 0 { try sink(UnsafeRawBufferPointer(rebasing: output[..<target.pos])) }
                if isLast ? rest == 0 : source.pos == source.size { return true }
            }
        }

        deinit { ZSTD_freeCCtx(context) }
    }

    /// A decoder of one frame that comes in parts, and the owner of its context.
    struct Decoder: ~Copyable {
        private let context: OpaquePointer
        /// True once the frame has ended and its checksum was right.
        private(set) var isFinished = false

        init?() {
            guard let context = ZSTD_createDCtx() else { return nil }
            self.context = context
            // 8 MiB: the window of the highest level that we write with. What asks for more is not ours.
            _ = ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 23)
        }

        /// Decodes the next bytes by way of `output` into `sink`; false when they are damaged.
        mutating func decode<E: Error>(
            _ input: UnsafeRawBufferPointer,
            through output: UnsafeMutableRawBufferPointer,
            sink: (UnsafeRawBufferPointer) throws(E) -> Bool
        ) throws(E) -> Bool {
            var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
            while true {
                if isFinished { return source.pos == source.size }
                var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
                let rest = ZSTD_decompressStream(context, &target, &source)
                guard ZSTD_isError(rest) == 0 else { return false }
                isFinished = rest == 0
                if target.pos > 0 {
                    guard try sink(UnsafeRawBufferPointer(rebasing: output[..<target.pos])) else { return false }
                }
                // A full output may hide more: ask again until it is not full.
                if source.pos == source.size, target.pos < target.size { return true }
            }
        }

        deinit { ZSTD_freeDCtx(context) }
    }
}
