/* confinement.h - what the resolver can no longer do. Modules of the name
 * service do much, so this is a list of what is forbidden. seccomp(2). */

#ifndef CONFINEMENT_H
#define CONFINEMENT_H

/* A forbidden call kills the resolver (SIGSYS). On a kernel or architecture
 * without filters nothing happens. */
void confinement_enter(void);

#endif
