#include "source/cabinet.h"
#include "base/err.h"
bool cabinet_is(const void*h,size_t n){(void)h;(void)n;return false;}
enum sym_status cabinet_open(uint64_t size, blob_read_fn *read, void *ctx, struct cabinet **out, struct sym_err *err){(void)size;(void)read;(void)ctx;(void)out;return err_set(err,SYM_UNSUPPORTED,"x");}
void cabinet_close(struct cabinet *c){(void)c;}
const char *cabinet_name(const struct cabinet *c){(void)c;return "";}
uint64_t cabinet_size(const struct cabinet *c){(void)c;return 0;}
enum sym_status cabinet_read(void *ctx, uint64_t offset, void *to, size_t n, size_t *got, struct sym_err *err){(void)ctx;(void)offset;(void)to;(void)n;(void)got;(void)err;return SYM_OK;}
