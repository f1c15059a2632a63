import LarderStore

// store-benchmark DIRECTORY store|reader: one process of the benchmark. `Order` says what it hears and answers.

guard CommandLine.arguments.count == 3 else { fatalError("usage: store-benchmark DIRECTORY store|reader") }
let worker = Worker(directory: Path(CommandLine.arguments[1]), keepsEntries: CommandLine.arguments[2] == "reader")
answer("ready")
while let line = readLine(), let order = Order(line) {
    if let sample = worker.carryOut(order) { answer("\(sample)") } else { answer("failed") }
}
