"""Asks whether Ann may create tasks in a pool. Arguments: URL KEY_FILE POOL"""

import sys
from pathlib import Path
from urllib.parse import urlsplit

import grpc
from fleetgate.acl.v1 import acl_service_pb2, acl_service_pb2_grpc
from google.rpc import error_details_pb2, status_pb2


def error_info(error):
    """Empty for errors that are not of Fleetgate, such as a refused connection."""
    info = error_details_pb2.ErrorInfo()
    for name, value in error.trailing_metadata() or ():
        if name == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                if detail.Unpack(info) and info.domain == "fleetgate":
                    return info
    return error_details_pb2.ErrorInfo()


url, key_file, pool = sys.argv[1:]
key = Path(key_file).read_text().split()[-1]  # of a bare token, or of a header file
endpoint = urlsplit(url)
if endpoint.scheme == "http":
    channel = grpc.insecure_channel(endpoint.netloc)
else:
    channel = grpc.secure_channel(endpoint.netloc, grpc.ssl_channel_credentials())
with channel:
    acl = acl_service_pb2_grpc.AclServiceStub(channel)  # one for the whole program
    question = acl_service_pb2.CheckPoolPermRequest(
        caller="user:ann@example.com", permission="swarming.pools.createTask", pool=pool
    )
    try:
        acl.CheckPoolPerm(question, timeout=5, metadata=[("authorization", f"Bearer {key}")])
        print("permitted")
    except grpc.RpcError as error:
        info = error_info(error)
        if error.code() == grpc.StatusCode.PERMISSION_DENIED and info.reason == "PERMISSION_DENIED":
            print("denied:", info.metadata["pool"])
        else:
            print("nobody knows:", error.code().name, info.reason)
