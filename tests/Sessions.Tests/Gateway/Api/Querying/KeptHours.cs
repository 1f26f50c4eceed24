using Sessions.Postgres.Hours;

namespace Sessions.Tests.Gateway.Api.Querying;

/// <summary>The hours that a silo keeps.</summary>
internal static class KeptHours
{
    /// <summary>One round of counting. Another gateway's silo on this database may be at it.</summary>
    public static async Task Count(TestGateway gateway)
    {
        while (!await gateway.Service<HourKeeper>().Count(TestContext.Current.CancellationToken))
        {
            await Task.Yield();
        }
    }
}
