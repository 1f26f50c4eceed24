using System.Net;
using System.Net.Sockets;
using Npgsql;
using Sessions.Postgres.Membership;

namespace Sessions.Host.Database;

/// <summary>
/// Buries the silos of this machine that did not live to sign off, so that the next ones need not wait for them.
/// </summary>
internal static class DeadSilos
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Buries every silo on a loopback address where nobody listens. Returns how many that were.</summary>
    public static async Task<int> Bury(string connectionString, string clusterId, CancellationToken cancel)
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false });
        SiloTable table = new(database, clusterId);
        int buried = 0;
        foreach (SiloEntry silo in await table.NotDead(cancel))
        {
            // Of silos on other machines we know nothing: those notice by themselves.
            if (IPAddress.IsLoopback(silo.Address) && !await Listens(silo, cancel))
            {
                await table.Bury(silo, cancel);
                buried++;
            }
        }

        return buried;
    }

    private static async Task<bool> Listens(SiloEntry silo, CancellationToken cancel)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(ConnectTimeout);
        using Socket socket = new(silo.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(silo.Address, silo.Port), limit.Token);
            return true;
        }
        catch (Exception gone) when (gone is SocketException || (gone is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return false;
        }
    }
}
