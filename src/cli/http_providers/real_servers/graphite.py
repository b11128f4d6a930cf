# Serves the real Graphite on a free port of this machine, which it prints, with a few metrics of the last minutes.
# Called with a folder for its files, and the present in seconds since 1970.
import os
import sys

folder, now = sys.argv[1], int(sys.argv[2])
sys.path[:0] = ["/usr/lib/python3/dist-packages", folder]
for name in ("whisper", "log"):
    os.makedirs(os.path.join(folder, name), exist_ok=True)
with open(os.path.join(folder, "tidegate_graphite.py"), "w") as settings:
    settings.write(f"""
SECRET_KEY = 'for tests'
GRAPHITE_ROOT = '/usr/share/graphite-web'
CONF_DIR = {folder!r}
STORAGE_DIR = {folder!r}
LOG_DIR = {folder + '/log'!r}
INDEX_FILE = {folder + '/index'!r}
WHISPER_DIR = {folder + '/whisper'!r}
STATIC_ROOT = {folder!r}
ALLOWED_HOSTS = ['*']
TIME_ZONE = 'UTC'
DATABASES = {{'default': {{'ENGINE': 'django.db.backends.sqlite3', 'NAME': {folder + '/db'!r}}}}}
""")
import whisper
def write(metric, points):
    path = os.path.join(folder, "whisper", *metric.split(".")) + ".wsp"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    whisper.create(path, [(60, 1440)])
    for age, value in points:
        whisper.update(path, value, now - age)
write("stats.timers.carts.response.upper_95", [(420, 10.0), (240, 12.5), (180, 11.0)])
write("stats.timers.orders.response.upper_95", [(240, 99.0)])
write("stats.timers.old.response.upper_95", [(3600 * 3, 1.0)])
os.environ["GRAPHITE_SETTINGS_MODULE"] = "tidegate_graphite"
os.environ["DJANGO_SETTINGS_MODULE"] = "graphite.settings"
from django.core.wsgi import get_wsgi_application
from wsgiref.simple_server import make_server, WSGIRequestHandler
class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass
server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet)
print(server.server_port, flush=True)
server.serve_forever()
