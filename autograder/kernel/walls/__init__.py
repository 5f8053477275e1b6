"""The walls that a fork of the warm process puts around itself before any student code runs.

    namespaces   a process tree, network, mounts and host name of its own
    view         a root of its own: what student code needs, read-only, and a small disk
    identity     a user id of its own, in a user namespace of its own, without capabilities
    landlock     which files, ports, sockets and processes its code may reach, whoever it is
    seccomp      which system calls it may make

Each is one module, written against the system calls themselves. Left out: limits of memory and
processes, which the grader sets from outside (`sandbox.cgroup`), and when to give up because a wall
is missing, which is the grader's to decide (`sandbox.walls`).
"""
