#include "CBuild.h"

const char *kube_mind_build_commit(void) { return KUBE_MIND_COMMIT; }
const char *kube_mind_build_swift(void) { return KUBE_MIND_SWIFT; }
