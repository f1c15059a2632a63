/// A note by which one copy of this program knows another, under whatever name it stands: an ELF file's notes can be
/// found and read without running it (elf(5), "Notes"). Read by Files/File/ProgramFile.swift.

__attribute__((section(".note.larder"), aligned(4), used)) static const struct {
    unsigned int name_length, content_length, type;
    char name[8];
    unsigned int content;
} note = {sizeof "Larder", 4, 1, "Larder", 1};
