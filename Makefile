# The commands of this tree. `make run` and `make test` set up first; everything else happens in node_modules.
export PATH := $(CURDIR)/node_modules/.bin:$(CURDIR)/build/tools/usr/bin:$(PATH)
ARGS ?=

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

setup: ## install what is missing, build what has changed
	@setup/install.sh

run: setup ## start Kerntel in the foreground; ARGS="--config FILE"
	@./kerntel run $(ARGS)

test: ## checks, tests, real peers, live tests on this kernel and on others, costs; ARGS="PATH ..."
	@setup/install.sh test
	@node test/run.ts $(ARGS)

test-quick: setup ## tests that need no root and no virtual machine, without the checks
	@node test/run.ts --quick $(ARGS)

test-vm: ## only those on other kernels, in virtual machines; KERNEL=6.12 ONLY=oom for a part
	@setup/install.sh test
	@KERNTEL_VM_ONLY="$(ONLY)" node test/run.ts test/vm/kernel-$(if $(KERNEL),$(KERNEL).vm) \
		$(if $(ONLY),,kernels.matrix) $(if $(KERNEL)$(ONLY),,test/costs/costs.vm)

costs: ## what kernel halves cost in instructions, written to test/costs.md; ONLY=softirq,oom only prints
	@setup/install.sh test
	@KERNTEL_COSTS=accept KERNTEL_COSTS_ONLY="$(ONLY)" node test/run.ts test/costs/costs.vm

prove: ## the long form of a repeated proof, written to docs/proofs; PART=fuzz or hostile
	@setup/install.sh test
	@node test/prove/main.ts $(PART)

check: setup ## format, lint, types, dead code, generated files
	@npm run --silent check

bench: setup ## benchmarks, one after the other
	@find . -name node_modules -prune -o -name '*.bench.ts' -print | sort | while read -r file; do \
		echo "== $$file" && node "$$file" || exit 1; done

clean: ## remove all that set-up made
	rm -rf node_modules build bpf/loader/build events/*/*.bpf.o receiver/*/*.bpf.o

.PHONY: help setup run test test-quick test-vm costs prove check bench clean
