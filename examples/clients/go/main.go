// Asks whether Ann may create tasks in a pool. Arguments: URL KEY_FILE POOL
package main

import (
	"context"
	"fmt"
	"log"
	"net/url"
	"os"
	"strings"
	"time"

	aclv1 "example.com/tasks/gen/fleetgate/acl/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/local"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

func main() {
	endpoint, err := url.Parse(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	file, err := os.ReadFile(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	words := strings.Fields(string(file)) // of a bare token, or of a header file
	key := words[len(words)-1]

	transport := credentials.NewClientTLSFromCert(nil, "")
	if endpoint.Scheme == "http" {
		transport = local.NewCredentials() // cleartext, on loopback only
	}
	connection, err := grpc.Dial(endpoint.Host, grpc.WithTransportCredentials(transport))
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	acl := aclv1.NewAclServiceClient(connection) // one for the whole program

	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+key)
	_, err = acl.CheckPoolPerm(ctx, &aclv1.CheckPoolPermRequest{
		Caller: "user:ann@example.com", Permission: "swarming.pools.createTask", Pool: os.Args[3],
	})
	info := errorInfo(err)
	switch {
	case err == nil:
		fmt.Println("permitted")
	case status.Code(err) == codes.PermissionDenied && info.GetReason() == "PERMISSION_DENIED":
		fmt.Println("denied:", info.GetMetadata()["pool"])
	default:
		fmt.Println("nobody knows:", status.Code(err), info.GetReason())
	}
}

// errorInfo returns nil for errors that are not of Fleetgate, such as a refused connection.
func errorInfo(err error) *errdetails.ErrorInfo {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok && info.GetDomain() == "fleetgate" {
			return info
		}
	}
	return nil
}
