namespace Sessions.Samples.GameBackend;

/// <summary>The game over HTTP.</summary>
internal static class GameEndpoints
{
    public static void MapGame(this WebApplication app)
    {
        app.MapPost("/players/{player}", async (string player, PlayerSessions sessions) =>
        {
            EventReceipt receipt = await sessions.Happened(player, "player_joined", new { game = "nim" });
            return new Joined(player, receipt.SessionId);
        });

        app.MapPost("/players/{player}/match", async (string player, Lobby lobby, PlayerSessions sessions) =>
        {
            if (await lobby.Join(player) is not { } match)
            {
                return Results.NotFound();
            }

            await sessions.Happened(player, "match_found", new { match = match.Id });
            return Results.Ok(new Found(match.Id));
        });

        app.MapGet("/turnout", (Turnout turnout) => turnout.Playing);

        app.MapDelete("/players/{player}/match", (string player, Lobby lobby) => lobby.Leave(player));

        app.MapGet("/matches/{match}/turn", WaitForTurn);
        app.MapPost("/matches/{match}/moves", Move);

        app.MapGet("/players/{player}", async (string player, PlayerSessions sessions, CancellationToken cancel) =>
            await sessions.Live(player, cancel) is { } live ? Results.Ok(Playing.Of(live)) : Results.NotFound());

        app.MapDelete("/players/{player}", async (string player, PlayerSessions sessions, CancellationToken cancel) =>
            await sessions.Leave(player, cancel) is { } ended ? Results.Ok(Playing.Of(ended)) : Results.NotFound());
    }

    private static async Task<IResult> Move(string match, string player, int take, Lobby lobby, PlayerSessions sessions)
    {
        if (lobby.Find(match) is not { } found)
        {
            return Results.NotFound();
        }

        if (found.Take(player, take) is not { } state)
        {
            return Results.Conflict();
        }

        await sessions.Moved(player, new { match, take, state.Left });
        return Results.Ok(state);
    }

    private static async Task<IResult> WaitForTurn(
        string match, string player, Lobby lobby, PlayerSessions sessions, CancellationToken cancel)
    {
        if (lobby.Find(match) is not { } found)
        {
            return Results.NotFound();
        }

        MatchState state = await found.WaitForTurn(player, cancel);
        if (state.Winner is { } winner)
        {
            // Told before the player knows, so that it is part of the session however soon the player leaves.
            await sessions.Over(player, match, won: winner == player);
        }

        return Results.Ok(state);
    }
}

internal sealed record Joined(string Player, Guid? SessionId);

internal sealed record Found(string Match);

/// <summary>What a player sees of a session.</summary>
internal sealed record Playing(Guid SessionId, int Events, double Seconds, string Status, string? EndReason)
{
    public static Playing Of(Session session) => new(
        session.SessionId, session.EventCount, session.Duration.TotalSeconds, session.Status.ToWord(), session.EndReason?.ToWord());
}
