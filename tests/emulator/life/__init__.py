"""A life of a service, as a script of boto3 calls: `live(call)`, where `call` gives an answer, or nothing if refused.

Wrong calls are among them. Those that moto carries out although AWS refuses come last, for nothing can follow them.
"""

from life.account import logs, parameters, roles
from life.balancer import balancer
from life.clear import clear
from life.containers import containers, service
from life.names import names
from life.network import groups, network
from life.refused import accepted_by_moto
from life.scaling import scaling


def live(call):
    call("sts", "get_caller_identity")
    parameters(call)
    role = roles(call)
    logs(call)
    names(call)
    net = network(call)
    groups(call, net)
    balancer(call, net)
    containers(call, net, role)
    service(call, net)
    scaling(call)
    clear(call, net)
    accepted_by_moto(call)
