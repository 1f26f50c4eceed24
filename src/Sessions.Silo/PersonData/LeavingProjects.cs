using Sessions.Database;

namespace Sessions.Silo.PersonData;

/// <summary>
/// Refuses calls for projects that are being deleted, and events of archived ones. Before it refuses, it asks Postgres: the
/// deletion may have ended and another project may have the id, or the project may have been taken back.
/// </summary>
internal static class LeavingProjects
{
    /// <summary>Refuses a call, and removes its grain from memory, when the project is being deleted.</summary>
    /// <param name="forgotten">Knows the projects.</param>
    /// <param name="project">The grain's project.</param>
    /// <param name="deactivate">Removes the grain from memory when its calls are done.</param>
    /// <exception cref="SessionsUnavailableException">
    /// The project is being deleted. Its senders get 503 until their gateway knows that the token is gone.
    /// </exception>
    public static ValueTask CheckStays(this IForgottenPersons forgotten, string project, Action deactivate) =>
        forgotten.IsLeaving(project) ? CheckInPostgres(forgotten, project, deactivate) : ValueTask.CompletedTask;

    /// <summary>Whether the project is archived.</summary>
    /// <param name="forgotten">Knows the projects.</param>
    /// <param name="project">The grain's project.</param>
    /// <exception cref="SessionsUnavailableException">The project was archived, and Postgres can't say whether it still is.</exception>
    public static ValueTask<bool> IsArchivedNow(this IForgottenPersons forgotten, string project) =>
        forgotten.IsArchived(project) ? IsArchivedInPostgres(forgotten, project) : ValueTask.FromResult(false);

    private static async ValueTask CheckInPostgres(IForgottenPersons forgotten, string project, Action deactivate)
    {
        await Refresh(forgotten);
        if (forgotten.IsLeaving(project))
        {
            deactivate();
            throw new SessionsUnavailableException("The project is being deleted.");
        }
    }

    private static async ValueTask<bool> IsArchivedInPostgres(IForgottenPersons forgotten, string project)
    {
        await Refresh(forgotten);
        return forgotten.IsArchived(project);
    }

    private static async Task Refresh(IForgottenPersons forgotten)
    {
        try
        {
            await forgotten.Refresh();
        }
        catch (Exception failure) when (PostgresAway.Is(failure))
        {
            throw new SessionsUnavailableException("Postgres can't say now whether the project is being deleted or is archived.", failure);
        }
    }
}
