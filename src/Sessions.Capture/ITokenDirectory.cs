namespace Sessions.Capture;

/// <summary>
/// The tokens of all projects. The application implements it, because its API also needs the projects' keys.
/// </summary>
public interface ITokenDirectory
{
    /// <summary>Returns the id of the project with this token; null when there is none.</summary>
    /// <exception cref="SessionsUnavailableException">
    /// The projects are not loaded yet, so the token may be valid.
    /// </exception>
    string? FindByToken(string token);

    /// <summary>
    /// Asks the store whether tokens that are unknown here are new. When it completes, <see cref="FindByToken"/> knows those
    /// that are.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">The store can't answer now, so the tokens may be valid.</exception>
    Task LookUp(IReadOnlyCollection<string> tokens);
}
