using System.Diagnostics;
using Sessions.Benchmarks.Harness;
using Sessions.Benchmarks.Load;
using Sessions.SystemTests.Harness;

namespace Sessions.Benchmarks.Yardsticks;

/// <summary>The obvious alternative as a process of its own, on the product's server, under the same load.</summary>
internal sealed class PerEventAlternative : IAsyncDisposable
{
    private readonly Process _server;
    private readonly HttpLoad _load;

    private PerEventAlternative(Process server, HttpLoad load)
    {
        _server = server;
        _load = load;
    }

    /// <param name="product">On whose server it writes.</param>
    /// <param name="visits">Whose the events are.</param>
    /// <param name="namesSessions">Whether events have <c>$session_id</c>.</param>
    public static async Task<PerEventAlternative> Start(Product product, Visits visits, bool namesSessions = true)
    {
        await product.Do(PerEventServer.Tables);
        int port = Ports.Free();
        var start = new ProcessStartInfo(
            "dotnet",
            [typeof(PerEventAlternative).Assembly.Location, PerEventServer.Command, product.Ready.Postgres, $"{port}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "0";
        Process server = Process.Start(start)!;
        if (await server.StandardOutput.ReadLineAsync() != "ready")
        {
            throw new InvalidOperationException("The alternative did not start.");
        }

        return new PerEventAlternative(server, new HttpLoad(new Uri($"http://127.0.0.1:{port}"), "/batch/", "none", visits) { NamesSessions = namesSessions });
    }

    /// <summary>Events a second.</summary>
    public async Task<double> Run(int eventsPerRequest, TimeSpan duration)
    {
        LoadResult result = await _load.Run(eventsPerRequest, duration);
        return result.Complaint is null ? result.PerSecond : throw new InvalidOperationException(result.Complaint);
    }

    public async ValueTask DisposeAsync()
    {
        _server.StandardInput.Close();
        await _server.WaitForExitAsync();
        _server.Dispose();
    }
}
