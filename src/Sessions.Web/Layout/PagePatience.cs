using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Sessions.Database;
using Sessions.Queries;

namespace Sessions.Web.Layout;

/// <summary>Marks the endpoints that are pages.</summary>
internal sealed class PageMark;

/// <summary>
/// Ends the wait for a page when Postgres does not answer. A page may take long as long as Postgres works on it; when
/// Postgres is away, people learn it within five seconds.
/// </summary>
internal static class PagePatience
{
    // Together with the two seconds in which Npgsql tries to cancel a statement they are less than five.
    private static readonly TimeSpan s_untilAsked = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan s_untilAnswered = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Adds it to pages and their forms. Whether a form's change was made is then as uncertain as after a broken connection, and
    /// its page shows it.
    /// </summary>
    public static void UsePagePatience(this WebApplication app)
    {
        PingQuery ping = app.Services.GetRequiredService<PingQuery>();
        TimeProvider time = app.Services.GetRequiredService<TimeProvider>();
        app.Use((context, next) =>
            context.GetEndpoint()?.Metadata.GetMetadata<PageMark>() is not null
                ? Answer(context, next, ping, time)
                : next(context));
    }

    private static async Task Answer(HttpContext context, RequestDelegate next, PingQuery ping, TimeProvider time)
    {
        CancellationToken gone = context.RequestAborted;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(gone);
        context.RequestAborted = ending.Token;
        Task page = next(context);
        bool isAway = false;
        while (!isAway && !await IsOver(page, s_untilAsked, time))
        {
            isAway = !await Answers(ping, time);
        }

        if (isAway)
        {
            await ending.CancelAsync();
        }

        try
        {
            await page;
        }
        catch (OperationCanceledException canceled) when (isAway && !gone.IsCancellationRequested)
        {
            throw new SessionsUnavailableException("Postgres does not answer.", canceled);
        }
        finally
        {
            context.RequestAborted = gone;
        }
    }

    /// <summary>Whether the page is answered, or has failed, within a time.</summary>
    private static async Task<bool> IsOver(Task page, TimeSpan most, TimeProvider time)
    {
        try
        {
            await page.WaitAsync(most, time);
        }
        catch (TimeoutException) when (!page.IsCompleted)
        {
            return false;
        }
        catch (Exception) when (page.IsCompleted)
        {
            // The caller that awaits the page gets the failure.
        }

        return true;
    }

    private static async Task<bool> Answers(PingQuery ping, TimeProvider time)
    {
        try
        {
            // Not awaited longer, because cancelling takes Npgsql two seconds.
            await ping.Run(CancellationToken.None).WaitAsync(s_untilAnswered, time);
            return true;
        }
        catch (Exception away) when (away is TimeoutException || PostgresAway.MayPass(away))
        {
            return false;
        }
    }
}
