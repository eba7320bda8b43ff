// Loops of attention. softmax.go documents them.
#ifndef UDML_SOFTMAX_H
#define UDML_SOFTMAX_H

void udml_softmax_rows(float *s, float *largest, float *sum, float *factor, long rows, long cols, long ld);
void udml_softmax_gradient_rows(float *s, float *ds, const float *lse, const float *delta, float scale, long rows, long cols, long ld);
void udml_turn(float *out, const float *in, long rows, long cols, long ldo, long ldi);

#endif
