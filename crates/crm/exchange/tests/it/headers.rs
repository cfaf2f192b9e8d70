//! Every header that is known of other systems goes where it belongs, or stays out with a reason.

use exchange::{ColumnTarget, Kind, Mapping, SourceName, Why, guess_kind, recognise};

use crate::owned;

/// `header → target` of the whole table at once, as a guess makes it.
fn guessed(kind: Kind, headers: &str) -> Vec<(String, String)> {
    let headers = owned(headers);
    let mapping = Mapping::guess(&headers, kind);
    let text = |target: &ColumnTarget| match target {
        ColumnTarget::Import(target) => target.to_string(),
        ColumnTarget::DoNotImport { why } => format!("-{}", why.name()),
    };
    headers
        .into_iter()
        .zip(mapping.columns().iter().map(text))
        .collect()
}

/// Checks `header=target` pairs divided by `|`, all columns of one table.
fn check(kind: Kind, source: Option<SourceName>, pairs: &str) {
    let pairs: Vec<(&str, &str)> = pairs
        .split('|')
        .map(|pair| {
            pair.trim()
                .rsplit_once('=')
                .unwrap_or_else(|| panic!("{pair}"))
        })
        .collect();
    let headers = pairs
        .iter()
        .map(|(header, _)| *header)
        .collect::<Vec<_>>()
        .join("|");
    assert_eq!(recognise(&owned(&headers)), source, "{headers}");
    let guessed = guessed(kind, &headers);
    let wrong: Vec<_> = pairs
        .iter()
        .zip(&guessed)
        .filter(|((_, wanted), (_, found))| wanted != found)
        .map(|((header, wanted), (_, found))| format!("{header}: wanted {wanted}, found {found}"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn sure(kind: Kind, headers: &str) {
    let guess = guess_kind(&owned(headers));
    assert!(
        guess.kind == kind && guess.percent >= 60 && !guess.looks_like_deals,
        "{headers}: {guess:?}"
    );
}

fn deals(headers: &str) {
    let guess = guess_kind(&owned(headers));
    assert!(guess.looks_like_deals, "{headers}: {guess:?}");
    let known = guessed(Kind::Person, headers);
    let unknown: Vec<_> = known
        .iter()
        .filter(|(_, target)| target == "-unknown")
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn hubspot() {
    check(
        Kind::Person,
        Some(SourceName::HubSpot),
        "Record ID=external_id|First Name=given_name|Last Name=family_name|Email=mail|Phone Number=phone|Contact owner=owner|Lead Status=-taken|Lifecycle Stage=stage|Create Date=created_at|Last Modified Date=-technical|Last Activity Date=-technical|Original Source=source|Job Title=job_title|Company Name=company|City=city|State/Region=region|Postal Code=postal_code|Country/Region=country|Associated Company=-taken|Associated Company IDs=company_ids|Associated Deal=-deal|Associated Deal IDs=-deal|Mobile Phone Number=phone:mobile|Website URL=web|Marketing contact status=-consent",
    );
    check(
        Kind::Company,
        Some(SourceName::HubSpot),
        "Record ID=external_id|Company name=name|Company Domain Name=domain|Domain=-taken|Website URL=web|Company owner=owner|Industry=industry|Create Date=created_at|Last Activity Date=-technical",
    );
    sure(
        Kind::Person,
        "Record ID|First Name|Last Name|Email|Company Name|Lifecycle Stage",
    );
    sure(
        Kind::Company,
        "Record ID|Company name|Company Domain Name|Company owner|Industry|Create Date|Last Activity Date",
    );
    deals(
        "Record ID|Deal Name|Deal Stage|Pipeline|Amount|Close Date|Deal owner|Create Date|Associated Company|Associated Company IDs|Associated Contact IDs",
    );
}

#[test]
fn salesforce_api_names() {
    check(
        Kind::Person,
        Some(SourceName::SalesforceApi),
        "Id=external_id|IsDeleted=-technical|MasterRecordId=-technical|AccountId=company_ids|LastName=family_name|FirstName=given_name|Salutation=prefix|Name=full_name|OtherStreet=street:other|OtherCity=city:other|OtherState=region:other|OtherPostalCode=postal_code:other|OtherCountry=country:other|MailingStreet=street:mailing|MailingCity=city:mailing|MailingState=region:mailing|MailingPostalCode=postal_code:mailing|MailingCountry=country:mailing|Phone=phone|Fax=phone:fax|MobilePhone=phone:mobile|HomePhone=phone:home|OtherPhone=phone:other|AssistantPhone=-other_person|ReportsToId=-technical|Email=mail|Title=job_title|Department=department|AssistantName=-other_person|LeadSource=source|Birthdate=birthday|Description=note|OwnerId=owner|HasOptedOutOfEmail=mail_opt_out|DoNotCall=phone_opt_out|CreatedDate=created_at|CreatedById=-technical|LastModifiedDate=-technical|LastModifiedById=-technical|SystemModstamp=-technical|LastActivityDate=-technical|EmailBouncedReason=-technical|EmailBouncedDate=-technical",
    );
    check(
        Kind::Person,
        Some(SourceName::SalesforceApi),
        "Id=external_id|IsDeleted=-technical|MasterRecordId=-technical|Salutation=prefix|FirstName=given_name|LastName=family_name|Title=job_title|Company=company|Street=street|City=city|State=region|PostalCode=postal_code|Country=country|Phone=phone|MobilePhone=phone:mobile|Email=mail|Website=web|Description=note|LeadSource=source|Status=stage|Industry=-other_kind|Rating=-no_field|OwnerId=owner|IsConverted=-technical|Favourite_Colour__c=-unknown",
    );
    check(
        Kind::Company,
        Some(SourceName::SalesforceApi),
        "Id=external_id|IsDeleted=-technical|MasterRecordId=-technical|Name=name|Type=-no_field|ParentId=parent_id|BillingStreet=street:billing|BillingCity=city:billing|BillingState=region:billing|BillingPostalCode=postal_code:billing|BillingCountry=country:billing|ShippingStreet=street:shipping|ShippingCity=city:shipping|ShippingState=region:shipping|ShippingPostalCode=postal_code:shipping|ShippingCountry=country:shipping|Phone=phone|Fax=phone:fax|Website=web|Industry=industry|AnnualRevenue=revenue|NumberOfEmployees=employees|Description=description|OwnerId=owner",
    );
    sure(
        Kind::Person,
        "Id|IsDeleted|MasterRecordId|Salutation|FirstName|LastName|Title|Company|Street|City|State|Email|Industry|NumberOfEmployees|AnnualRevenue",
    );
    sure(
        Kind::Company,
        "Id|IsDeleted|MasterRecordId|Name|Type|ParentId|BillingStreet|BillingCity|Phone|Fax|Website|Industry|AnnualRevenue|NumberOfEmployees|Description|OwnerId",
    );
    deals(
        "Id|IsDeleted|AccountId|IsPrivate|Name|Description|StageName|Amount|Probability|ExpectedRevenue|TotalOpportunityQuantity|CloseDate|Type|NextStep|LeadSource|IsClosed|IsWon|ForecastCategory|ForecastCategoryName|CampaignId|HasOpportunityLineItem|Pricebook2Id|OwnerId|CreatedDate",
    );
}

#[test]
fn salesforce_report_labels() {
    check(
        Kind::Person,
        Some(SourceName::SalesforceReport),
        "Salutation=prefix|First Name=given_name|Last Name=family_name|Title=job_title|Mailing Street=street:mailing|Mailing City=city:mailing|Mailing State/Province=region:mailing|Mailing Zip/Postal Code=postal_code:mailing|Mailing Country=country:mailing|Phone=phone|Mobile=phone:mobile|Fax=phone:fax|Email=mail|Account Owner=owner|Account Name=company|Lead Source=source",
    );
    check(
        Kind::Person,
        Some(SourceName::SalesforceReport),
        "Lead Owner=owner|First Name=given_name|Last Name=family_name|Title=job_title|Company / Account=company|Lead Source=source|Rating=-no_field|Street=street|Email=mail",
    );
}

#[test]
fn zoho() {
    check(
        Kind::Person,
        Some(SourceName::Zoho),
        "Record Id=external_id|Lead Owner.id=-technical|Lead Owner=owner|Is Converted=-technical|Company=company|First Name=given_name|Last Name=family_name|Email=mail|Phone=phone|Mobile=phone:mobile|Lead Source=source|Lead Status=stage|Created By.id=-technical|Created By=-technical|Modified By.id=-technical|Modified By=-technical|Created Time=created_at|Modified Time=-technical|Lead Name=full_name|Street=street|City=city|State=region|Zip Code=postal_code|Email Opt Out=mail_opt_out|Salutation=prefix|Last Activity Time=-technical|Tag=tags|Data Processing Basis Details.id=-technical|Data Processing Basis=legal_basis|Data Source=origin|Unsubscribed Mode=unsubscribed|Unsubscribed Time=unsubscribed|Converted Account.id=-technical|Converted Account=-technical|Converted Contact.id=-technical|Converted Contact=-technical|Converted Deal.id=-technical|Converted Deal=-technical|Locked=-technical",
    );
    check(
        Kind::Person,
        Some(SourceName::Zoho),
        "Record Id=external_id|Contact Owner.id=-technical|Contact Owner=owner|Lead Source=source|First Name=given_name|Last Name=family_name|Account Name.id=company_ids|Account Name=company|Vendor Name.id=-technical|Vendor Name=-no_field|Email=mail|Title=job_title|Department=department|Phone=phone|Fax=phone:fax|Mobile=phone:mobile|Date of Birth=birthday|Created By.id=-technical|Created By=-technical|Modified By.id=-technical|Modified By=-technical|Created Time=created_at|Modified Time=-technical|Contact Name=full_name|Mailing Street=street:mailing|Mailing City=city:mailing|Mailing State=region:mailing|Mailing Zip=postal_code:mailing|Mailing Country=country:mailing|Other Street=street:other|Other City=city:other|Other State=region:other|Other Zip=postal_code:other|Other Country=country:other|Email Opt Out=mail_opt_out|Salutation=prefix|Secondary Email=mail#2|Currency=-deal|Exchange Rate=-deal|Last Activity Time=-technical|Tag=tags|Description=note",
    );
    check(
        Kind::Company,
        Some(SourceName::Zoho),
        "Record Id=external_id|Account Owner=owner|Account Name=name|Phone=phone|Website=web|Industry=industry|Billing Street=street:billing|Billing City=city:billing|Billing State=region:billing|Billing Code=postal_code:billing|Billing Country=country:billing",
    );
    sure(
        Kind::Company,
        "Record Id|Account Owner|Account Name|Phone|Website|Industry|Billing Street",
    );
    deals(
        "Record Id|Deal Owner.id|Deal Owner|Deal Name|Account Name.id|Account Name|Contact Name.id|Contact Name|Pipeline.id|Pipeline|Stage|Amount|Probability (%)|Closing Date|Next Step|Description|Created Time|Modified Time|Last Activity Time|Deal Id|Company Name",
    );
    deals("Record Id|Note Title|Note Content|Parent ID.id|Parent ID|Note Owner|Created Time");
    deals("Record Id|Parent.id|Parent Module|File Name|Size");
}

#[test]
fn pipedrive() {
    check(
        Kind::Person,
        Some(SourceName::Pipedrive),
        "Person - Name*=full_name|Person - First name=given_name|Person - Last name=family_name|Person - Phone=phone|Person - Email (Work)=mail:work|Person - Email (Home)=mail:home|Organization - Name*=company|Organization - Address=formatted_address:work|Deal - Title=-deal|Deal - Value=-deal|Activity - Subject*=-deal|Activity - Due date=-deal|Note - Content*=note|Product - Name*=-deal|Product - Product Code=-deal|Product - Unit=-deal|Product - Price=-deal|Product - Currency=-deal",
    );
    check(
        Kind::Person,
        Some(SourceName::Pipedrive),
        "Person - Name=full_name|Person - Email=mail|Person - Phone=phone|Person - Label=tags|Organization name=company|Person - Owner=owner|Person - Creation date=created_at|Person - Visible to=-technical|Person - Pipedrive System ID=external_id",
    );
    check(
        Kind::Company,
        Some(SourceName::Pipedrive),
        "Organization - Name=name|Organization - Address=formatted_address|Organization - Labels=tags|Organization - Owner=owner",
    );
    sure(
        Kind::Person,
        "Person - Name|Person - Email|Person - Phone|Person - Label|Organization name|Person - Owner",
    );
    sure(
        Kind::Company,
        "Organization - Name|Organization - Address|Organization - Labels|Organization - Owner",
    );
    deals(
        "Deal - Title|Deal - Value|Deal - Currency of value|Deal - Stage (pipeline)|Deal - Status|Deal - Owner|Deal - Expected close date|Deal - Probability|Deal - Label|Deal - Lost reason|Deal - Won time|Deal - Lost time|Deal - Closed on|Deal - Creation date|Deal - Visible to|Deal - Pipedrive System ID|Organization|Contact person",
    );
}

#[test]
fn google() {
    check(
        Kind::Person,
        Some(SourceName::Google),
        "First Name=given_name|Middle Name=middle_name|Last Name=family_name|Phonetic First Name=-no_field|Phonetic Middle Name=-no_field|Phonetic Last Name=-no_field|Name Prefix=prefix|Name Suffix=suffix|Nickname=nickname|File As=-technical|Organization Name=company|Organization Title=job_title|Organization Department=department|Birthday=birthday|Notes=note|Photo=-no_field|Labels=tags|E-mail 1 - Label=mail_label|E-mail 1 - Value=mail|E-mail 2 - Label=mail_label#2|E-mail 2 - Value=mail#2|Phone 1 - Label=phone_label|Phone 1 - Value=phone|Phone 12 - Label=phone_label#12|Phone 12 - Value=phone#12|Address 1 - Label=address_label|Address 1 - Formatted=formatted_address|Address 1 - Street=street|Address 1 - City=city|Address 1 - PO Box=street2|Address 1 - Region=region|Address 1 - Postal Code=postal_code|Address 1 - Country=country|Address 1 - Extended Address=street2|Address 2 - Street=street#2|Website 1 - Label=-technical|Website 1 - Value=web|Event 1 - Label=-no_field|Event 1 - Value=-no_field|Relation 1 - Label=-other_person|Relation 1 - Value=-other_person|Custom Field 1 - Label=-no_field|Custom Field 1 - Value=-no_field",
    );
    check(
        Kind::Person,
        Some(SourceName::GoogleOlder),
        "Name=full_name|Given Name=given_name|Additional Name=middle_name|Family Name=family_name|Group Membership=tags|E-mail 1 - Type=mail_label|E-mail 1 - Value=mail|Phone 1 - Type=phone_label|Phone 1 - Value=phone|Organization 1 - Name=company|Organization 1 - Title=job_title",
    );
    sure(
        Kind::Person,
        "First Name|Last Name|Organization Name|E-mail 1 - Label|E-mail 1 - Value",
    );
}

#[test]
fn outlook() {
    let common = "Web Page=web|Gender=-sensitive|Birthday=birthday|Anniversary=-sensitive|Location=-no_field|Language=language|Internet Free Busy=-technical|Notes=note|Primary Phone=phone|Home Phone=phone:home|Home Phone 2=phone:home#2|Mobile Phone=phone:mobile|Pager=phone:pager|Home Fax=phone:home fax|Home Address=formatted_address:home|Home Street=street:home|Home Street 2=street2:home|Home Street 3=street2:home|Home Address PO Box=street2:home|Home City=city:home|Home State=region:home|Home Postal Code=postal_code:home|Spouse=-other_person|Children=-other_person|Manager's Name=-other_person|Assistant's Name=-other_person|Referred By=-other_person|Company Main Phone=phone:main|Business Phone=phone:work|Business Phone 2=phone:work#2|Business Fax=phone:work fax|Assistant's Phone=-other_person|Company=company|Job Title=job_title|Department=department|Office Location=-no_field|Organizational ID Number=-sensitive|Profession=-no_field|Account=-taken|Business Address=formatted_address:work|Business Street=street:work|Business Street 2=street2:work|Business Street 3=street2:work|Business Address PO Box=street2:work|Business City=city:work|Business State=region:work|Business Postal Code=postal_code:work|Other Phone=phone:other|Other Fax=phone:other fax|Other Address=formatted_address:other|Other Street=street:other|Other Street 2=street2:other|Other City=city:other|Other State=region:other|Other Postal Code=postal_code:other|Other Country=country:other|Callback=phone:other#2|Car Phone=phone:car|ISDN=phone:isdn|Radio Phone=phone:radio|TTY/TDD Phone=phone:tty|Telex=phone:telex|User 1=-no_field|User 4=-no_field|Keywords=tags|Mileage=-no_field|Hobby=-sensitive|Billing Information=-sensitive|Directory Server=-technical|Sensitivity=-technical|Priority=-technical|Private=-sensitive|Categories=tags";
    check(
        Kind::Person,
        Some(SourceName::OutlookCom),
        &format!(
            "First Name=given_name|Middle Name=middle_name|Last Name=family_name|Title=prefix|Suffix=suffix|Initials=-no_field|E-mail Address=mail|E-mail 2 Address=mail#2|E-mail 3 Address=mail#3|Home Country=country:home|Business Country=country:work|{common}"
        ),
    );
    check(
        Kind::Person,
        Some(SourceName::OutlookDesktop),
        &format!(
            "Title=prefix|First Name=given_name|Middle Name=middle_name|Last Name=family_name|Suffix=suffix|Home Country/Region=country:home|Business Country/Region=country:work|E-mail Address=mail|E-mail Type=-technical|E-mail Display Name=-technical|E-mail 2 Address=mail#2|E-mail 2 Type=-technical|E-mail 2 Display Name=-technical|E-mail 3 Address=mail#3|E-mail 3 Type=-technical|E-mail 3 Display Name=-technical|Government ID Number=-sensitive|{common}"
        ),
    );
}

#[test]
fn espocrm() {
    check(
        Kind::Person,
        Some(SourceName::EspoCrm),
        "id=external_id|salutationName=prefix|firstName=given_name|lastName=family_name|name=full_name|title=job_title|description=note|emailAddress=mail|phoneNumber=phone|doNotCall=phone_opt_out|addressStreet=street|addressCity=city|addressState=region|addressCountry=country|addressPostalCode=postal_code|accountId=company_ids|accountName=company|createdAt=created_at|modifiedAt=-technical|createdById=-technical|createdByName=-technical|assignedUserId=-technical|assignedUserName=owner|teamsIds=-technical|status=stage|source=source|opportunityAmount=-deal|opportunityAmountCurrency=-deal",
    );
    check(
        Kind::Company,
        Some(SourceName::EspoCrm),
        "name=name|website=web|emailAddress=mail|phoneNumber=phone|type=-no_field|industry=industry|sicCode=-no_field|billingAddressStreet=street:billing|billingAddressCity=city:billing|billingAddressState=region:billing|billingAddressCountry=country:billing|billingAddressPostalCode=postal_code:billing|shippingAddressStreet=street:shipping|shippingAddressCity=city:shipping|shippingAddressState=region:shipping|shippingAddressCountry=country:shipping|shippingAddressPostalCode=postal_code:shipping",
    );
    sure(
        Kind::Person,
        "id|firstName|lastName|emailAddress|accountName",
    );
    sure(
        Kind::Company,
        "name|website|emailAddress|phoneNumber|type|industry|sicCode|billingAddressStreet",
    );
    deals(
        "name|amount|amountCurrency|stage|probability|leadSource|closeDate|accountId|accountName",
    );
}

#[test]
fn twenty_atomic_frappe() {
    check(
        Kind::Person,
        Some(SourceName::Twenty),
        "Name / First Name=given_name|Name / Last Name=family_name|Emails / Primary Email=mail|Emails / Additional Emails=mail#2|Phones / Primary Phone Number=phone|Phones / Primary Phone Country Code=-technical|Phones / Primary Phone Calling Code=phone_calling_code|Job Title=job_title|Linkedin / Link URL=web|Address / Address 1=street|Address / Address 2=street2|Address / City=city|Address / State=region|Address / Country=country|Address / Post Code=postal_code|Amount / Amount=-deal|Amount / Currency=-deal|Links / Link Label=-technical|Links / Link URL=web|Links / Secondary Links=web|id=external_id",
    );
    check(
        Kind::Company,
        Some(SourceName::Twenty),
        "Name=name|Domain Name / Link URL=domain|Linkedin / Link URL=web|Address / City=city|Employees=employees|id=external_id",
    );
    check(
        Kind::Person,
        Some(SourceName::Atomic),
        "first_name=given_name|last_name=family_name|gender=-sensitive|title=job_title|background=note|first_seen=created_at|last_seen=-technical|has_newsletter=-consent|status=stage|tags=tags|linkedin_url=web|company=-taken|email_work=mail:work|email_home=mail:home|email_other=mail:other|phone_work=phone:work|phone_home=phone:home|phone_other=phone:other|nb_tasks=-technical|company_name=company|sales=owner|id=external_id",
    );
    check(
        Kind::Person,
        Some(SourceName::Frappe),
        "Salutation=prefix|First Name=given_name|Middle Name=middle_name|Last Name=family_name|Gender=-sensitive|Status=stage|Email=mail|Website=web|Mobile No.=phone:mobile|Phone=phone|No. of Employees=-other_kind|Annual Revenue=-other_kind|Lead Owner=owner|Source=source|Industry=-other_kind|Job Title=job_title|Organization=company|Territory=-no_field|Lost Reason=-deal|ID=external_id",
    );
    check(
        Kind::Company,
        Some(SourceName::Frappe),
        "Organization Name=name|Website=web|No. of Employees=employees|Annual Revenue=revenue|Industry=industry|Territory=-no_field|Currency=-deal|Address=formatted_address",
    );
    sure(
        Kind::Person,
        "Name / First Name|Name / Last Name|Emails / Primary Email|Job Title",
    );
    sure(
        Kind::Company,
        "Organization Name|Website|No. of Employees|Annual Revenue|Industry|Territory",
    );
    deals(
        "Organization|Probability|Next Step|Deal Owner|Status|Primary email|Currency|Exchange Rate|Deal Value|Expected Closure Date|Closed Date|Lost Reason",
    );
}

#[test]
fn plain_files_in_three_languages() {
    check(
        Kind::Person,
        None,
        "Anrede=prefix|Titel=prefix|Vorname=given_name|Name=family_name|Firma=company|Funktion=job_title|Abteilung=department|E-Mail=mail|Telefon=phone|Handy=phone:mobile|Straße=street|PLZ=postal_code|Ort=city|Bundesland=region|Land=country|Geburtsdatum=birthday|Bemerkungen=note|Kundennummer=external_id|Religion=-sensitive|Familienstand=-sensitive",
    );
    check(
        Kind::Person,
        None,
        "Civilité=prefix|Prénom=given_name|Nom=family_name|Société=company|Fonction=job_title|Service=department|Courriel=mail|Téléphone=phone|Portable=phone:mobile|Adresse=street|Code postal=postal_code|Ville=city|Département=region|Pays=country|Date de naissance=birthday|Remarques=note",
    );
    check(
        Kind::Person,
        None,
        "Nom=full_name|Adresse e-mail=mail|Adresse=formatted_address",
    );
    check(
        Kind::Company,
        None,
        "Firma=name|Branche=industry|Gründungsjahr=founded_year|Umsatz=revenue|Mitarbeiter=employees|Muttergesellschaft=parent_company|Webseite=web",
    );
    check(
        Kind::Person,
        None,
        "Title=prefix|Job Title=job_title|PRENOM=given_name|last-name=family_name|eMail=mail|E-Mail 2=mail#2|phone2=phone#2|Phone=phone",
    );
    sure(Kind::Person, "Vorname|Nachname|Firma|E-Mail");
    sure(Kind::Person, "Prénom|Nom|Société|Courriel");
    sure(Kind::Company, "Firma|Branche|Umsatz|Mitarbeiter");
}

#[test]
fn sensitive_columns_never_have_a_target() {
    for header in [
        "Government ID Number",
        "Children",
        "Spouse",
        "Hobby",
        "Gender",
        "Religion",
        "SSN",
        "IBAN",
    ] {
        for kind in [Kind::Person, Kind::Company] {
            let mapping = Mapping::guess(&owned(header), kind);
            let why = match &mapping.columns()[0] {
                ColumnTarget::DoNotImport { why } => *why,
                ColumnTarget::Import(_) => panic!("{header} must not be imported unasked"),
            };
            assert!(
                matches!(why, Why::Sensitive | Why::OtherPerson),
                "{header}: {why:?}"
            );
        }
    }
}
