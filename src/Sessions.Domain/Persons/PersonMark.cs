using System.Security.Cryptography;
using System.Text;

namespace Sessions.Domain.Persons;

/// <summary>
/// The mark of a person, used where ids must not be stored: a keyed hash of a project's distinct id. Without the key it
/// reveals nothing. With the key and an id one can check whether the mark belongs to the id.
/// </summary>
public static class PersonMark
{
    /// <summary>The length of a mark in bytes.</summary>
    public const int Length = HMACSHA256.HashSizeInBytes;

    /// <summary>Computes the mark of an id.</summary>
    /// <param name="key">The cluster's key.</param>
    /// <param name="project">The project. The same id in two projects has two marks.</param>
    /// <param name="distinctId">The id.</param>
    public static byte[] Of(byte[] key, string project, string distinctId) =>
        // A project's id can't contain NUL, so two different pairs never give the same text.
        HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{project}\0{distinctId}"));
}
