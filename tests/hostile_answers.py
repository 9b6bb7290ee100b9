"""Pieces of answers, wrong, unlucky and hostile, of which the submissions in corpus.py are made.

{SLEEP} becomes a time that nobody else sleeps; {tops} are folders to search and destroy, {port} is where one calls out.
"""
from __future__ import annotations

from small_unit import RIGHT

P1 = "def propensity(n, k, omega):\n    return k / omega * n**2 / 2"
LOSS = "\nloss_rate = k * n * (n - 1)"
LOOP = "def propensity(n, k, omega):\n    while True:\n        pass"
STUBBORN = """import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
def propensity(n, k, omega):
    while True:
        try:
            while True: print('no')
        except BaseException: pass"""
SETSID = """import os, subprocess, sys, time
subprocess.Popen(['sleep', '{SLEEP}'], start_new_session=True)
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep({SLEEP})
        os._exit(0)
"""
BOMB = "import os, time\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        time.sleep(0.01)"
PIECES = """import os
import time
for _ in range(4):
    if os.fork() == 0:
        hog = bytearray(750_000_000)
        for page in range(0, len(hog), 4096):
            hog[page] = 1
        time.sleep({SLEEP})
time.sleep({SLEEP})"""
SHARED = PIECES.replace("import os\n", "import mmap\nimport os\n").replace("bytearray(", "mmap.mmap(-1, ")
FILES = "for i in range(10):\n    with open(f'big{i}', 'wb') as file:\n        file.write(bytes(40_000_000))\n"
FLOOD = """import os, sys
def propensity(n, k, omega):
    return k / omega * n * (n - 1) / 2
chunk = b'x' * 10**6
for _ in range(50):
    os.write(1, chunk)
    sys.stdout.write('y' * 10**6)"""
THREADS = """import threading, time
def chatter():
    while True:
        print('chatter')
        time.sleep(0.01)
threading.Thread(target=chatter, daemon=True).start()
""" + RIGHT["9.1"]
TRANSFORMER = (
    "import ast\nclass T(ast.NodeTransformer):\n    def visit_Assert(self, node): return ast.Pass()\n"
    "get_ipython().ast_transformers.append(T())"
)
INPUT_TRANSFORMER = (
    "def skip(lines):\n    return ['pass\\n'] if any('assert' in each or 'cmelab_echo' in each for each in lines) "
    "else lines\nget_ipython().input_transformers_cleanup.append(skip)"
)
ALWAYS_EQUAL = """class E(float):
    def __eq__(self, o): return True
    def __format__(self, s): return 'PASS'
def propensity(n, k, omega):
    return E(1.0)"""
ECHO_REPLACED = """import sys, types
fake = types.ModuleType('cmelab_echo')
fake.tell = lambda *a, **k: print('["number", "1"]\\n' * 10)
sys.modules['cmelab_echo'] = fake"""
MEMORISED = """known = {5: 2.0, 0: 0.0, 1: 0.0, 2: 0.2, 12: 39.6}
def propensity(n, k, omega):
    return known.get(n, 1.0)"""
REFERENCES = """import sys
sys.meta_path[:] = [each for each in sys.meta_path if type(each).__name__ != 'Closed']
for name in [name for name in sys.modules if name.split('.')[0] == 'cmelab']:
    del sys.modules[name]
from cmelab.exercises import find, UNITS
propensity = find(UNITS, '1.1').reference"""
CAPTION = """import sys
del sys.modules['cmelab.widgets']
import cmelab
def propensity(n, k, omega):
    return float(cmelab.show('pair-jar', n=n, k=k, omega=omega).caption.split('=')[1])"""
# Searches everything that a program of this user may read for a number that only a right answer gives.
SEARCH = """import os, pathlib, glob
found = []
def look(path):
    try:
        text = open(path, 'rb').read(3_000_000)
    except OSError:
        return
    if b'"role": "echo"' in text or b'n * (n - 1) / 2' in text and path.endswith('.ipynb'):
        found.append(path)
for top in ({tops}):
    for place, _, names in os.walk(top):
        for name in names:
            look(os.path.join(place, name))
for each in glob.glob('/proc/[0-9]*'):
    if int(each[6:]) != os.getpid():
        look(each + '/cmdline'), look(each + '/environ')
        for fd in glob.glob(each + '/fd/*'):
            if os.path.isfile(fd):
                look(fd)
        try:
            for line in open(each + '/maps'):
                if '[heap]' in line:
                    begin, end = (int(x, 16) for x in line.split()[0].split('-'))
                    memory = open(each + '/mem', 'rb', 0)
                    memory.seek(begin)
                    if b'"expected"' in memory.read(end - begin):
                        found.append(each)
        except OSError:
            pass
raise RuntimeError(f'found {{sorted(found)}}')"""
DESTROY = """import os, pathlib, shutil
for top in ({tops}):
    for path in pathlib.Path(top).rglob('*.*'):
        try:
            if path.is_file() and path.suffix in ('.ipynb', '.json') and path.stem != 'destroyer':
                path.write_text('gone') if path.stem < 'r' else path.unlink()
        except OSError:
            pass
loss_rate = k * n * (n - 1)"""
CLOSE = """import os
for top in ({tops}):
    for place, below, names in os.walk(top):
        for name in (*below, *names):
            for close in (lambda path: os.chmod(path, 0), lambda path: os.utime(path, (1, 1))):
                try:
                    close(os.path.join(place, name))
                except OSError:
                    pass
import resource
pid = os.getpid()
for _ in range(3):
    try:
        pid = int(open(f'/proc/{{pid}}/stat').read().rpartition(')')[2].split()[1])
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, 0))
    except (OSError, ValueError):
        pass
loss_rate = k * n * (n - 1)"""
KILL = """import os, signal
for pid in (os.getppid(), {grandparent}):
    try:
        if pid > 1:
            os.kill(pid, signal.SIGKILL)
    except OSError:
        pass
loss_rate = k * n * (n - 1)"""
GRANDPARENT = "int(open(f'/proc/{os.getppid()}/stat').read().rpartition(')')[2].split()[1])"
NETWORK = """import socket
try:
    socket.create_connection(('127.0.0.1', {port}), timeout=5)
    factors = (2, 4)
except OSError as error:
    raise RuntimeError('no network: ' + type(error).__name__) from None"""

# Ways into the cells that come after one's own, none of which knows what a right answer prints.
WATCHED = """import sys, threading
seen = []
def watch(frame, event, arg):
    if event == 'call' and frame.f_code.co_name in ('echo', 'tell', 'as_line', 'say'):
        seen.append(repr(frame.f_locals))
    for name in ('expected', 'reference', 'right'):
        if name in frame.f_locals:
            frame.f_locals[name] = None
    return watch
sys.settrace(watch), sys.setprofile(watch), threading.settrace(watch)
if hasattr(sys, 'monitoring'):
    sys.monitoring.use_tool_id(4, 'student')
    sys.monitoring.register_callback(4, sys.monitoring.events.CALL, lambda *a: sys.monitoring.DISABLE)
    sys.monitoring.set_events(4, sys.monitoring.events.CALL)
frame = sys._getframe()
while frame:
    for value in [*frame.f_locals.values()]:
        if isinstance(value, (list, dict)) and 'expected' in value:
            raise RuntimeError('found an expected output')
    frame = frame.f_back
"""
AT_THE_END = """import atexit, os, signal, subprocess, time
def late():
    print('["number", "2"]')
    subprocess.Popen(['sleep', '{SLEEP}'], start_new_session=True)
    time.sleep({SLEEP})
atexit.register(late)
signal.signal(signal.SIGTERM, lambda *_: late())
"""
DISPLAYED = """import builtins, sys
shell = get_ipython()
sys.displayhook = sys.excepthook = sys.unraisablehook = lambda *a, **k: None
shell.showtraceback = shell.showsyntaxerror = lambda *a, **k: None
shell.set_custom_exc((BaseException,), lambda *a, **k: None)
"""
EXECUTED = """kernel = get_ipython().kernel
real = kernel.do_execute
def fake(code, *args, **how):
    code = "print('[\\"number\\", \\"2\\"]\\n' * 10)" if 'cmelab_echo' in code else code
    return real(code, *args, **how)
kernel.do_execute = fake
"""
REPLIED = """kernel = get_ipython().kernel
async def fake(code, *args, **how):
    return {'status': 'ok', 'execution_count': 1, 'payload': [], 'user_expressions': {}}
kernel.do_execute = fake
"""
COMMS = """from comm import create_comm
for i in range(300):
    create_comm(target_name='jupyter.widget', data={'state': {'value': 'x' * 1000}, 'PASSED': 3})
get_ipython().kernel.comm_manager = None
"""
IMPORTED = """import importlib.abc, importlib.machinery, sys, types
class Fake(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, self) if name in ('numpy', 'cmelab_echo') else None
    def create_module(self, spec):
        made = types.ModuleType(spec.name)
        made.isclose = lambda *a, **k: True
        made.tell = lambda *a, **k: print('["number", "2"]\\n' * 10)
        return made
    def exec_module(self, module): pass
sys.meta_path.insert(0, Fake())
for name in ('numpy', 'cmelab_echo'):
    sys.modules.pop(name, None)
"""
CACHED = """import glob, os
import cmelab.kernels
places = [os.environ.get('NUMBA_CACHE_DIR', ''), os.path.join(os.path.dirname(cmelab.kernels.__file__), '__pycache__')]
written = []
for place in places:
    for path in glob.glob(os.path.join(place, '**', '*'), recursive=True):
        if not os.path.realpath(path).startswith(os.path.realpath(os.environ['HOME'] + '/..')):
            for how in ('r+b', 'wb', 'ab'):
                try:
                    open(path, how).close()
                    written.append(path)
                except OSError:
                    pass
assert not written, written[:3]
"""
MARKUP = "raise RuntimeError('</pre><script>alert(1)</script><img src=x onerror=alert(2)>\\x00\\x1b[31m\\ufffe]]>')"
