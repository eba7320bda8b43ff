// udml_switch(save, load): store the registers that a C function must keep, and the stack, in *save; go on with the stack `load`.
// Some 5 ns; ucontext needs two system calls, and a barrier of a 256-thread block takes 256 switches.
        .text
        .globl  udml_switch
        .hidden udml_switch
        .type   udml_switch, @function
udml_switch:
        endbr64
        pushq   %rbp
        pushq   %rbx
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        movq    %rsp, (%rdi)
        movq    %rsi, %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        ret
        .size   udml_switch, .-udml_switch
        .section .note.GNU-stack, "", @progbits
