import com.example.fleetgate.acl.v1.AclServiceGrpc;
import com.example.fleetgate.acl.v1.CheckPoolPermRequest;
import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Asks whether Ann may create tasks in a pool. Arguments: URL KEY_FILE POOL */
public class Check {
  public static void main(String[] args) throws Exception {
    URI endpoint = URI.create(args[0]);
    String[] words = Files.readString(Path.of(args[1])).trim().split("\\s+");
    String key = words[words.length - 1]; // of a bare token, or of a header file
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + key);

    ChannelCredentials transport = endpoint.getScheme().equals("http")
        ? InsecureChannelCredentials.create() : TlsChannelCredentials.create();
    ManagedChannel channel = Grpc.newChannelBuilder(endpoint.getAuthority(), transport).build();
    AclServiceGrpc.AclServiceBlockingStub acl = AclServiceGrpc.newBlockingStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers)); // one for the whole program
    try {
      acl.withDeadlineAfter(5, TimeUnit.SECONDS).checkPoolPerm(CheckPoolPermRequest.newBuilder()
          .setCaller("user:ann@example.com").setPermission("swarming.pools.createTask").setPool(args[2]).build());
      System.out.println("permitted");
    } catch (StatusRuntimeException error) {
      Status.Code code = error.getStatus().getCode();
      ErrorInfo info = errorInfo(error);
      if (code == Status.Code.PERMISSION_DENIED && info.getReason().equals("PERMISSION_DENIED")) {
        System.out.println("denied: " + info.getMetadataOrDefault("pool", ""));
      } else {
        System.out.println("nobody knows: " + code + " " + info.getReason());
      }
    } finally {
      channel.shutdownNow();
    }
  }

  /** Empty for errors that are not of Fleetgate, such as a refused connection. */
  private static ErrorInfo errorInfo(StatusRuntimeException error) throws Exception {
    for (Any detail : StatusProto.fromThrowable(error).getDetailsList()) {
      if (detail.is(ErrorInfo.class)) {
        ErrorInfo info = detail.unpack(ErrorInfo.class);
        if (info.getDomain().equals("fleetgate")) return info;
      }
    }
    return ErrorInfo.getDefaultInstance();
  }
}
