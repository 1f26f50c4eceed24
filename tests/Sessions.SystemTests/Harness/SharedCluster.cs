using Sessions.SystemTests.Harness;

[assembly: AssemblyFixture(typeof(SharedCluster))]

namespace Sessions.SystemTests.Harness;

/// <summary>One cluster for all tests that need not kill it, started when the first of them asks.</summary>
public sealed class SharedCluster : IAsyncDisposable
{
    private readonly Lazy<Task<Cluster>> _cluster = new(Start);

    public Task<Cluster> Started => _cluster.Value;

    // The first event makes the runtime compile the whole way. While many clusters start on two cores, that has taken longer than a
    // gateway waits for a silo.
    private static async Task<Cluster> Start()
    {
        Cluster cluster = await Cluster.Launch(new ClusterPlan { Name = "shared" });
        using Gateway gateway = cluster.Gateway();
        try
        {
            await Wait.For(
                async () =>
                {
                    using HttpResponseMessage answer = await gateway.Capture([Events.Event("first", Events.NewDistinctId("first"))]);
                    return answer.IsSuccessStatusCode;
                },
                "the first event was not taken",
                TimeSpan.FromMinutes(1));
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }

        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster.IsValueCreated && _cluster.Value.IsCompletedSuccessfully)
        {
            Cluster cluster = await _cluster.Value;
            await cluster.DisposeAsync();
        }
    }
}
