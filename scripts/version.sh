#!/bin/bash
# Prints the version, which stands in Sources/LarderStore/Version.swift and nowhere else.
set -euo pipefail
file=$(dirname "$0")/../Sources/LarderStore/Version.swift
version=$(sed -n 's/.*static let text = "\([^"]*\)".*/\1/p' "$file")
# What a file name, a Debian version and a Python version can all be made of.
if [[ ! $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]]; then
    echo "version: '$version' in $file is not of the form 1.2.3" >&2
    exit 1
fi
echo "$version"
