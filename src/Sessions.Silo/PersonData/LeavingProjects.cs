namespace Sessions.Silo.PersonData;

/// <summary>Refuses calls for projects that are being deleted.</summary>
internal static class LeavingProjects
{
    /// <summary>Refuses a call, and removes its grain from memory, when the project is being deleted.</summary>
    /// <param name="forgotten">Knows the projects.</param>
    /// <param name="project">The grain's project.</param>
    /// <param name="deactivate">Removes the grain from memory when its calls are done.</param>
    /// <exception cref="SessionsUnavailableException">
    /// The project is being deleted. Its senders get 503 until their gateway knows that the token is gone.
    /// </exception>
    public static void CheckStays(this IForgottenPersons forgotten, string project, Action deactivate)
    {
        if (forgotten.IsLeaving(project))
        {
            deactivate();
            throw new SessionsUnavailableException("The project is being deleted.");
        }
    }
}
