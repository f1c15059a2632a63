/// The distributions that Larder knows by itself, for the time before the first refresh.
///
/// Names only: which packages they have is the sources' to say.
package enum KnownDistributions {
    package static let all: [Distribution] = [
        Distribution(name: "aoj", displayName: "AdoptOpenJDK", synonyms: ["adoptopenjdk"]),
        Distribution(name: "aoj_openj9", displayName: "AdoptOpenJDK OpenJ9"),
        Distribution(name: "bisheng", displayName: "Bi Sheng"),
        Distribution(name: "corretto", displayName: "Amazon Corretto", synonyms: ["amazon"]),
        Distribution(name: "debian", displayName: "Debian"),
        Distribution(name: "dragonwell", displayName: "Alibaba Dragonwell", synonyms: ["alibaba"]),
        Distribution(name: "gluon_graalvm", displayName: "Gluon GraalVM"),
        Distribution(name: "graalvm", displayName: "Oracle GraalVM"),
        Distribution(name: "graalvm_ce8", displayName: "GraalVM CE 8"),
        Distribution(name: "graalvm_ce11", displayName: "GraalVM CE 11"),
        Distribution(name: "graalvm_ce16", displayName: "GraalVM CE 16"),
        Distribution(name: "graalvm_ce17", displayName: "GraalVM CE 17"),
        Distribution(name: "graalvm_community", displayName: "GraalVM Community"),
        Distribution(name: "jetbrains", displayName: "JetBrains Runtime", synonyms: ["jbr"]),
        Distribution(name: "kona", displayName: "Tencent Kona", synonyms: ["tencent"]),
        Distribution(name: "liberica", displayName: "BellSoft Liberica", synonyms: ["bellsoft"]),
        Distribution(name: "liberica_native", displayName: "Liberica Native Image Kit", synonyms: ["nik"]),
        Distribution(name: "mandrel", displayName: "Mandrel"),
        Distribution(name: "microsoft", displayName: "Microsoft Build of OpenJDK"),
        Distribution(name: "ojdk_build", displayName: "OJDKBuild"),
        Distribution(name: "openlogic", displayName: "OpenLogic"),
        Distribution(name: "oracle", displayName: "Oracle JDK"),
        Distribution(name: "oracle_open_jdk", displayName: "Oracle OpenJDK", synonyms: ["openjdk"]),
        Distribution(name: "redhat", displayName: "Red Hat build of OpenJDK"),
        Distribution(name: "sap_machine", displayName: "SapMachine", synonyms: ["sap"]),
        Distribution(name: "semeru", displayName: "IBM Semeru", synonyms: ["ibm"]),
        Distribution(name: "semeru_certified", displayName: "IBM Semeru Certified"),
        Distribution(name: "temurin", displayName: "Eclipse Temurin", synonyms: ["adoptium", "eclipse"]),
        Distribution(name: "trava", displayName: "Trava"),
        Distribution(name: "zulu", displayName: "Azul Zulu", synonyms: ["azul"]),
        Distribution(name: "zulu_prime", displayName: "Azul Zulu Prime", synonyms: ["zing"]),
    ]

    /// The one with this name, or one that is called so.
    package static func named(_ name: String) -> Distribution {
        all.first { $0.name == name } ?? Distribution(name: name)
    }
}
