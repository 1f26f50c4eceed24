using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Sessions.Host.Roles;

namespace Sessions.Tests.Host;

/// <summary>A stranger who can reach a silo's port and does not know the cluster's id neither learns it nor gets in.</summary>
public sealed class ClusterIdGateTests
{
    private const string Secret = "sessions-a-secret-that-nobody-guesses";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Who_names_another_cluster_gets_no_answer_and_who_names_this_one_gets_in()
    {
        (int siloPort, int clientPort) = (FreePort(), FreePort());
        using IHost silo = Microsoft.Extensions.Hosting.Host.CreateDefaultBuilder().UseOrleans(orleans => orleans
            .UseLocalhostClustering(siloPort, clientPort, serviceId: "sessions", clusterId: Secret)
            .UseClusterIdGate(Secret)).Build();
        await silo.StartAsync(TestContext.Current.CancellationToken);

        foreach (int port in (int[])[siloPort, clientPort])
        {
            Assert.DoesNotContain(Secret, await Answer(port, await FirstWordsOf("sessions")), StringComparison.Ordinal);
            Assert.Empty(await Answer(port, [255, 255, 255, 127, 1, 2, 3]));
        }

        Assert.Contains(Secret, await Answer(clientPort, await FirstWordsOf(Secret)), StringComparison.Ordinal);
        using IHost client = Client(clientPort, Secret);
        await client.StartAsync(TestContext.Current.CancellationToken).WaitAsync(Bound, TestContext.Current.CancellationToken);
        await client.StopAsync(TestContext.Current.CancellationToken);
        await silo.StopAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>What an Orleans client sends first, which names its cluster.</summary>
    private static async Task<byte[]> FirstWordsOf(string clusterId)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        using IHost client = Client(((IPEndPoint)listener.LocalEndpoint).Port, clusterId);
        Task starting = client.StartAsync(CancellationToken.None);
        using Socket connection = await listener.AcceptSocketAsync().WaitAsync(Bound);
        byte[] words = new byte[2048];
        int length = await connection.ReceiveAsync(words);
        connection.Close();
        _ = starting.ContinueWith(static failed => _ = failed.Exception, TaskScheduler.Default);
        return words[..length];
    }

    private static async Task<string> Answer(int port, byte[] words)
    {
        using TcpClient stranger = new();
        await stranger.ConnectAsync(IPAddress.Loopback, port).WaitAsync(Bound);
        NetworkStream stream = stranger.GetStream();
        await stream.WriteAsync(words);
        byte[] answer = new byte[2048];
        try
        {
            int length = await stream.ReadAsync(answer).AsTask().WaitAsync(Bound);
            return Encoding.UTF8.GetString(answer, 0, length);
        }
        catch (IOException)
        {
            // Reset: no answer.
            return "";
        }
    }

    private static IHost Client(int port, string clusterId) => Microsoft.Extensions.Hosting.Host.CreateDefaultBuilder().UseOrleansClient(orleans => orleans
        .UseStaticClustering(new IPEndPoint(IPAddress.Loopback, port))
        .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (clusterId, "sessions"))).Build();

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
