using Microsoft.Extensions.Options;
using Sessions.Web.Api;

namespace Sessions.Web.Analytics;

/// <summary>Limits how many queries run at the same time.</summary>
internal sealed class QueryConcurrencyLimit(IOptions<QueryOptions> options, TimeProvider time)
    : ConcurrencyLimit(options.Value.AtOnce, options.Value.WaitForTurn, options.Value.Timeout, options.Value.WorkMemoryMegabytes, time);
