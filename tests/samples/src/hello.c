/* SPDX-License-Identifier: MIT
 * A program for linkers that bring no run-time library of their own. */
int add(int a, int b)
{
	return a + b;
}

int hello(void)
{
	return add(20, 22);
}
