"""The cage: what holds the decoders once they read a stranger's bytes.

Four walls, each with a module: namespaces, a private file tree, Landlock and a filter of system calls. They overlap, so
that each thing is kept from the decoders by two of them (`walls.GUARDS`); `entrance.enter` builds those that a kernel
offers. Inside there is one process. It may have threads, but starts no other process and no program: whatever needs
several processes starts them before it enters.
"""
