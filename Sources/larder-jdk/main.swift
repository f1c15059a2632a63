internal import ArgumentParser
internal import JDKCatalog
