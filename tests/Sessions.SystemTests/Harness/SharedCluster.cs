using Sessions.SystemTests.Harness;

[assembly: AssemblyFixture(typeof(SharedCluster))]

namespace Sessions.SystemTests.Harness;

/// <summary>One cluster for all tests that need not kill it, started when the first of them asks.</summary>
public sealed class SharedCluster : IAsyncDisposable
{
    private readonly Lazy<Task<Cluster>> _cluster = new(() => Cluster.Launch(new ClusterPlan { Name = "shared" }));

    public Task<Cluster> Started => _cluster.Value;

    public async ValueTask DisposeAsync()
    {
        if (_cluster.IsValueCreated && _cluster.Value.IsCompletedSuccessfully)
        {
            Cluster cluster = await _cluster.Value;
            await cluster.DisposeAsync();
        }
    }
}
