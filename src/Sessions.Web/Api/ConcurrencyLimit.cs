using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Sessions.Queries;

namespace Sessions.Web.Api;

/// <summary>Limits how many queries run at the same time, and for how long.</summary>
/// <param name="atOnce">The most queries at the same time.</param>
/// <param name="patience">How long a query waits for its turn.</param>
/// <param name="timeout">How long it may run.</param>
/// <param name="workMemoryMegabytes">The memory of each of its sorts and hashes.</param>
/// <param name="time">The clock.</param>
/// <param name="atOnceOfProject">The most queries of one project at the same time; null for no such limit.</param>
internal class ConcurrencyLimit(
    int atOnce, TimeSpan patience, TimeSpan timeout, int workMemoryMegabytes, TimeProvider time, int? atOnceOfProject = null) : IDisposable
{
    // If the cancellation does not reach Postgres, Postgres ends the statement itself a little later.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    // The patience limits the queue: a query that waits longer leaves it.
    private readonly ConcurrencyLimiter _limiter = new(Turns(atOnce));

    // A project waits for its own turn first, so that its queue keeps nobody else from theirs.
    private readonly PartitionedRateLimiter<string>? _ofProjects = atOnceOfProject is { } most
        ? PartitionedRateLimiter.Create<string, string>(project => RateLimitPartition.GetConcurrencyLimiter(project, _ => Turns(most)))
        : null;

    /// <summary>The limits of each statement.</summary>
    public StatementLimits Limits { get; } = new(timeout + Grace, workMemoryMegabytes);

    /// <summary>
    /// Runs a query when it is its turn. The outcome is a refusal with 504 when the query takes too long, and with 400
    /// when Postgres can't calculate it.
    /// </summary>
    /// <param name="query">Runs the query until it completes or is cancelled.</param>
    /// <param name="cancellation">Cancels the query, also while it waits for its turn.</param>
    /// <exception cref="SessionsUnavailableException">Too many other queries are running.</exception>
    public async Task<Outcome<T>> Run<T>(Func<CancellationToken, Task<T>> query, CancellationToken cancellation)
    {
        using RateLimitLease turn = await Wait(_limiter.AttemptAcquire, _limiter.AcquireAsync, cancellation);
        return await InTime(query, cancellation);
    }

    /// <summary>Runs a query of a project when it is the project's turn.</summary>
    /// <inheritdoc cref="Run{T}(Func{CancellationToken, Task{T}}, CancellationToken)"/>
    public async Task<Outcome<T>> Run<T>(string project, Func<CancellationToken, Task<T>> query, CancellationToken cancellation)
    {
        using RateLimitLease? ofProject = _ofProjects is { } projects
            ? await Wait(count => projects.AttemptAcquire(project, count), (count, waiting) => projects.AcquireAsync(project, count, waiting), cancellation)
            : null;
        return await Run(query, cancellation);
    }

    public void Dispose()
    {
        _limiter.Dispose();
        _ofProjects?.Dispose();
    }

    private static ConcurrencyLimiterOptions Turns(int atOnce) => new()
    {
        PermitLimit = atOnce,
        QueueLimit = int.MaxValue,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    };

    private async Task<Outcome<T>> InTime<T>(Func<CancellationToken, Task<T>> query, CancellationToken cancellation)
    {
        using CancellationTokenSource late = new(timeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            return new Outcome<T>(await query(either.Token));
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return new Outcome<T>(TooLate());
        }
        catch (PostgresException canceled) when (canceled.SqlState == PostgresErrorCodes.QueryCanceled && !cancellation.IsCancellationRequested)
        {
            return new Outcome<T>(TooLate());
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InvalidRegularExpression)
        {
            return new Outcome<T>(RequestErrors.Refusal("filters", $"have a wrong regular expression: {refused.MessageText}"));
        }
        catch (PostgresException refused) when (refused.SqlState.StartsWith("22", StringComparison.Ordinal))
        {
            // Numbers that are too large to calculate with.
            return new Outcome<T>(TypedResults.Problem(
                statusCode: StatusCodes.Status400BadRequest, title: "Postgres can't calculate this query.", detail: refused.MessageText));
        }
    }

    private async ValueTask<RateLimitLease> Wait(
        Func<int, RateLimitLease> attempt, Func<int, CancellationToken, ValueTask<RateLimitLease>> acquire, CancellationToken cancellation)
    {
        RateLimitLease free = attempt(1);
        if (free.IsAcquired)
        {
            return free;
        }

        using CancellationTokenSource waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        waiting.CancelAfter(patience);
        try
        {
            return await acquire(1, waiting.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new SessionsUnavailableException("Too many queries are running.");
        }
    }

    private ProblemHttpResult TooLate() => TypedResults.Problem(
        statusCode: StatusCodes.Status504GatewayTimeout,
        title: "The query took too long.",
        detail: $"It was cancelled after {timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture)} seconds. Use a shorter range of time.");
}
