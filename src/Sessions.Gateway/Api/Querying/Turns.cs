using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Api.Querying;

/// <summary>Lets a bounded number of questions be worked on at the same time, each for a bounded time.</summary>
internal class Turns(int atOnce, TimeSpan patience, TimeSpan timeout, int workMemoryMegabytes, TimeProvider time) : IDisposable
{
    // Postgres ends a statement on its own as well, a little later, should the wish to cancel not reach it.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _free = new(atOnce, atOnce);

    /// <summary>What each statement may take.</summary>
    public StatementLimits Limits { get; } = new(timeout + Grace, workMemoryMegabytes);

    /// <summary>Answers when it is its turn: 504 when it takes too long, 400 when it can't be calculated.</summary>
    /// <exception cref="SessionsUnavailableException">Too many others are at work.</exception>
    public async Task<IResult> Take(Func<CancellationToken, Task<IResult>> answer, CancellationToken cancellation)
    {
        if (!await _free.WaitAsync(patience, cancellation))
        {
            throw new SessionsUnavailableException("Too many questions are being worked on.");
        }

        using CancellationTokenSource late = new(timeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            return await answer(either.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return TooLate();
        }
        catch (PostgresException canceled) when (canceled.SqlState == PostgresErrorCodes.QueryCanceled && !cancellation.IsCancellationRequested)
        {
            return TooLate();
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InvalidRegularExpression)
        {
            return AskedFields.Refusal("filters", $"have a wrong regular expression: {refused.MessageText}");
        }
        catch (PostgresException refused) when (refused.SqlState.StartsWith("22", StringComparison.Ordinal))
        {
            // Numbers beyond what can be calculated with.
            return TypedResults.Problem(
                statusCode: StatusCodes.Status400BadRequest, title: "This can't be calculated.", detail: refused.MessageText);
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose() => _free.Dispose();

    private ProblemHttpResult TooLate() => TypedResults.Problem(
        statusCode: StatusCodes.Status504GatewayTimeout,
        title: "This took too long.",
        detail: $"It was given up after {timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture)} seconds; a shorter range of time helps.");
}

/// <summary>The turns of queries.</summary>
internal sealed class QueryTurns(Microsoft.Extensions.Options.IOptions<QueryOptions> options, TimeProvider time)
    : Turns(options.Value.AtOnce, options.Value.WaitForTurn, options.Value.Timeout, options.Value.WorkMemoryMegabytes, time);
