# make run    start the whole product on this machine       PORT=8000 INTAKE_PORT=8001 VAR=var CEILING=2 METRICS=9464 may be set
# make test   everything that must hold before a change goes in
# make bench  each benchmark's figure beside its goal       ONLY=name runs one
# make chaos  the product under load while its parts are killed, filled and stopped; three minutes      SEED=n ONLY=name
# make flood  many senders at the anonymous intake at once, and a flood of junk; two minutes
# make lint   style, types and import contracts
# make lock   renew the pinned requirements
# make bundle one signed archive that installs and starts without a network          KEY=file DIST=dist may be set

.PHONY: run test bench chaos flood lint lock bundle
export PORT INTAKE_PORT VAR CEILING METRICS ONLY SEED KEY DIST

# The first Python 3.11 on the path, by preference one that can make virtual environments.
run test bench chaos flood lint lock bundle:
	@found=; \
	for python in python3.11 python3 python; do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || continue; \
	  found=$${found:-$$python}; \
	  "$$python" -c 'import ensurepip, venv' 2>/dev/null && found=$$python && break; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "円卓: Python 3.11 が見つかりません。apt-get install python3.11 python3.11-venv で入れてください。" >&2; \
	  echo "Entaku: Python 3.11 was not found; install it with: apt-get install python3.11 python3.11-venv" >&2; \
	  exit 1; \
	fi; \
	exec "$$found" -m portal.embedded.bootstrap $@
