using Sessions.Queries.Hours;

namespace Sessions.Tests.Web.Api.Querying;

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
